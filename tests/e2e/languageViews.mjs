// What the walk through the languages looks at: pages by their addresses, and what opens on them. A generator opens one
// thing after the other and yields its name while it is open; what it returns to is the page as it was.
import { settle } from './lib/browser.mjs';
import { leadFile } from './lib/files.mjs';
import { settingsSections } from './pictures.mjs';

const dialogs = '[role=dialog], .ant-drawer-section';

/** Closes what is open on top and waits until it is gone. */
async function close(page, what = dialogs) {
  await page.keyboard.press('Escape');
  await page.waitForFunction(
    (what) => ![...document.querySelectorAll(what)].some((each) => each.checkVisibility()),
    what,
  );
}

/** Opens something and yields its name; nothing at all when this person has no such button. */
async function* opened(page, name, button, what = dialogs) {
  if ((await button.count()) === 0) return;
  await button.first().click();
  await page.locator(what).locator('visible=true').first().waitFor();
  yield name;
  await close(page, what);
}

const dialogOf = { lead: ['convert'], arbitration: ['decide'] };

/** The actions of an object that ask for something before they start. */
function asking(meta, object) {
  const { actions } = meta.objects.find((each) => each.name === object);
  return actions.filter(
    (action) => action.input?.length > 0 || action.danger || dialogOf[object]?.includes(action.name),
  );
}

/** Everything that can be started on the page of a record, and its menu. */
const recordActions = (object) =>
  async function* (page, { t, meta }) {
    const bar = page.locator('.record-actions');
    const more = bar.getByRole('button', { name: t('record.more_actions') });
    const menu = '.ant-dropdown [role=menu]';
    const wanted = [
      ...asking(meta, object).map(({ name, label }) => [name, label]),
      ['delete', t('common.delete')],
      ['merge', t('merge.find')],
    ];
    yield* opened(page, 'menu', more, menu);
    for (const [name, label] of wanted) {
      const direct = bar.getByRole('button', { name: label, exact: true });
      if ((await direct.count()) > 0) {
        yield* opened(page, name, direct);
      } else if ((await more.count()) > 0) {
        await more.click();
        await page.locator(menu).waitFor();
        const item = page.getByRole('menuitem', { name: label, exact: true });
        if ((await item.count()) > 0) yield* opened(page, name, item);
        else await close(page, menu);
      }
    }
  };

/** The form of a new record, with all fields, and what narrows and arranges the list. */
async function* listTools(page, { t, isPhone }) {
  const create = page.locator(isPhone ? '.phone-add' : '.page-bar .ant-btn-primary');
  await create.first().click();
  await page.locator('.field-form input').first().waitFor();
  yield 'create';
  await page.locator('.more-fields').click();
  await settle(page);
  yield 'create-all';
  await close(page);
  const builder = isPhone ? '.ant-drawer-section' : '.filter-builder';
  yield* opened(page, 'filter', page.getByRole('button', { name: t('filter.title') }), builder);
  if (!isPhone) yield* opened(page, 'columns', page.getByRole('button', { name: t('columns.title') }));
}

/** What many rows offer, and what comes of an action that not all of them allow. */
async function* bulk(page, { t, meta, isPhone }) {
  if (isPhone) return;
  for (const row of [0, 1]) await page.locator('.grid-row input').nth(row).click();
  const bar = page.locator('.bulk-bar');
  await bar.waitFor();
  yield 'bar';
  const { actions } = meta.objects.find(({ name }) => name === 'lead');
  for (const { name, label } of asking(meta, 'lead').filter((action) => action.bulk)) {
    yield* opened(page, name, bar.getByRole('button', { name: label, exact: true }));
  }
  yield* opened(page, 'delete', bar.getByRole('button', { name: t('common.delete'), exact: true }));
  const claim = actions.find(({ name }) => name === 'claim').label;
  const path = '**/api/v1/leads/claim';
  await page.route(path, async (route) => {
    const failed = route.request().postDataJSON().ids.map((id, at) => ({
      id,
      code: '0',
      message: '0',
      ...(at > 0 ? { reason_field: 'duplicate_reason' } : {}),
    }));
    await route.fulfill({ json: { ok: [], failed } });
  });
  yield* opened(page, 'result', bar.getByRole('button', { name: claim, exact: true }), '.bulk-failures');
  await page.unroute(path);
}

/** The steps of an import after the first, up to the one that would write. */
async function* importSteps(page) {
  const next = page.locator('.import-buttons .ant-btn-primary');
  await page.locator('input[type=file]').setInputFiles(leadFile());
  for (const [name, sign] of [
    ['preview', '.import-preview'],
    ['mapping', '.import-mapping'],
    ['check', '.import-tabs'],
  ]) {
    if (name !== 'preview') await next.click();
    await page.locator(sign).waitFor();
    await settle(page);
    yield name;
  }
}

/** The drawers and dialogs of a section of the settings. */
const settingsOf = (section) =>
  async function* (page, { t }) {
    yield* opened(page, 'new', page.locator('.settings-head .ant-btn-primary'));
    if (section === 'users') {
      // Not the first, who is the one that looks.
      const menu = page.locator('.settings-menu-cell .icon-button');
      yield* opened(page, 'menu', menu.nth(1), '.ant-dropdown [role=menu]');
      for (const at of [1, 2]) {
        await menu.nth(1).click();
        yield* opened(page, `menu-${at}`, page.locator('.ant-dropdown:not(.ant-dropdown-hidden) [role=menuitem]').nth(at));
      }
      yield* opened(page, 'edit', page.locator('.settings-person').nth(1));
    }
    if (section === 'roles') yield* opened(page, 'fields', page.locator('.rights tbody .ant-btn'));
    if (section === 'webhooks') {
      yield* opened(page, 'messages', page.locator('.webhook-buttons .ant-btn').nth(0));
      yield* opened(page, 'secret', page.locator('.webhook-buttons .ant-btn').nth(2));
    }
    if (section === 'pools') yield* opened(page, 'edit', page.locator('.settings-cards .icon-button'));
    if (section === 'pipelines') {
      const details = t('settings.stage_details').trim();
      yield* opened(page, 'stage', page.locator(`.stages tbody [aria-label*="${details}"]`));
    }
  };

/** Pages by whose they are; `views` opens what has no address. */
export const pagesOf = ({ account, contact, opportunity, task, lead, dispute }, isPhone) => ({
  wang: [
    { name: 'workbench', path: '/' },
    { name: 'data-quality', path: '/data_quality' },
    { name: 'leads', path: '/leads', views: listTools },
    { name: 'lead', path: `/leads/${lead.id}`, views: recordActions('lead') },
    { name: 'lead-pool', path: '/leads?view=pool', views: bulk },
    { name: 'accounts', path: '/accounts', views: listTools },
    { name: 'account', path: `/accounts/${account.id}`, views: recordActions('account') },
    { name: 'contacts', path: '/contacts', views: listTools },
    { name: 'contact', path: `/contacts/${contact.id}`, views: recordActions('contact') },
    { name: 'opportunities', path: '/opportunities' },
    { name: 'opportunity-list', path: '/opportunities?mode=list', views: listTools },
    { name: 'opportunity', path: `/opportunities/${opportunity.id}`, views: recordActions('opportunity') },
    { name: 'tasks', path: '/tasks', views: listTools },
    { name: 'task', path: `/tasks/${task.id}`, views: recordActions('task') },
    { name: 'activities', path: '/activities' },
    { name: 'disputes', path: '/arbitrations' },
    { name: 'search', path: '/search?q=科技' },
    { name: 'notifications', path: '/notifications' },
    { name: 'profile', path: '/profile' },
    { name: 'import', path: '/import?object=lead', views: importSteps },
    { name: 'not-found', path: '/nowhere' },
    ...(isPhone ? [{ name: 'more', path: '/more' }] : []),
  ],
  zhou: [{ name: 'dispute', path: `/arbitrations/${dispute.id}`, views: recordActions('arbitration') }],
  admin: [
    ...(isPhone ? [{ name: 'settings', path: '/settings' }] : []),
    ...settingsSections.map((section) => ({
      name: `settings-${section}`,
      path: `/settings/${section}`,
      views: settingsOf(section),
    })),
  ],
});

/** Without these the walk has not seen what it is for. */
export const expectedViews = {
  desktop: 'lead-pool-result lead-pool-bar leads-columns opportunity-list-columns settings-pipelines-stage settings-roles-fields',
  both:
    'leads-create-all accounts-create contacts-create opportunity-list-create tasks-create leads-filter lead-convert ' +
    'lead-return lead-void lead-transfer account-return account-transfer opportunity-win opportunity-lose task-delete ' +
    'dispute-decide import-preview import-mapping import-check settings-users-new settings-users-edit settings-users-menu-1 ' +
    'settings-roles-new settings-pools-edit settings-departments-new settings-tags-new settings-webhooks-new ' +
    'settings-webhooks-messages settings-webhooks-secret',
};
