// Steps that several journeys share.
import assert from 'node:assert/strict';
import { enter, go, settle, standsStill } from './browser.mjs';

/** The page has said nothing on the console; `refused`: besides requests that the journey meant to be refused. */
export function quiet(page, options) {
  assert.deepEqual(page.complaints(options), []);
}

/** Chooses an entry of a list that opens below an input. */
export async function choose(page, input, text) {
  await standsStill(page);
  await input.click();
  // A list that still unfolds moves away under the pointer.
  await standsStill(page);
  const list = page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)');
  await list
    .locator('.ant-select-item-option, .ant-select-tree-node-content-wrapper', { hasText: text })
    .first()
    .click();
}

export function dialog(page, title) {
  return page.locator('[role=dialog]', { hasText: title }).last();
}

/** Waits for the short message at the foot of the window. */
export function toast(page, text) {
  return page.locator('.toast', { hasText: text }).last().waitFor();
}

export function button(scope, name) {
  return scope.getByRole('button', { name, exact: true });
}

/** Input of a form by its label. */
export function field(scope, label) {
  return scope.locator('.field-line', { hasText: label }).first().locator('input, textarea').first();
}

/** A page of somebody who has signed in and goes to `path`; `options`: of the browser (browser.mjs). */
export async function startAt(person, origin, login, path, options) {
  const page = await person(options);
  await enter(page, origin, login);
  await go(page, origin, path);
  return page;
}

/** Opens the full page of a record by its address. */
export async function open(page, origin, path) {
  await page.goto(`${origin}${encodeURI(path)}`);
  await settle(page);
}

/** Asks until an answer fits; what runs in the background (search index, jobs) takes a moment. */
export async function until(what, fits, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await what();
    if (fits(found)) return found;
    if (Date.now() > end) throw new Error(`did not come true in ${seconds} s: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The headings of a grid, without the one of the check boxes. */
export async function heads(page) {
  const texts = await page.locator('.grid-head [role=columnheader]').allInnerTexts();
  return texts.slice(1).map((text) => text.trim());
}

/** What a grid shows in a row, counted from what is in view, and the column with a label. */
export async function cell(page, row, label) {
  const column = (await heads(page)).indexOf(label);
  const text = await page
    .locator('.grid-row')
    .nth(row)
    .locator('[role=gridcell]')
    .nth(column + 1)
    .innerText();
  return text.trim();
}

/** Moves the active cell of a grid with the keyboard. */
export async function goToCell(page, row, label) {
  const column = (await heads(page)).indexOf(label);
  if (column < 0) throw new Error(`no column ${label}`);
  await page.locator('.grid').focus();
  await page.keyboard.press('Control+Home');
  for (let each = 0; each < row; each++) await page.keyboard.press('ArrowDown');
  for (let each = 0; each < column; each++) await page.keyboard.press('ArrowRight');
}
