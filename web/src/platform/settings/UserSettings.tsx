import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Dropdown, Input, Modal } from 'antd';
import { Ellipsis, KeyRound, Pencil, Search } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '@/api/client';
import { isProblem } from '@/api/problem';
import { updateRecord } from '@/api/records';
import type { FieldMeta, ObjectMeta, Page, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import type { InputProps } from '@/record/fields/kind';
import { labelOf } from '@/record/fields/shared/choices';
import { referenceText } from '@/record/fields/shared/references';
import { useActions } from '@/record/form/useActions';
import { Avatar, Notice, Pill, Tabs } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { showToast } from '@/ui/toast';
import { refreshSettings, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

const page = 50;

function useUsers(status: string, text: string) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), 250);
    return () => window.clearTimeout(timer);
  }, [text]);
  return useInfiniteQuery({
    queryKey: ['settings', 'users', 'page', status, settled],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      if (pageParam) return get<Page>(pageParam, { signal });
      const parameters = new URLSearchParams({
        $top: String(page),
        $orderby: 'name',
        $expand: 'department($select=name),superior($select=name)',
        $count: 'true',
        count: 'bounded',
        $filter:
          status === 'all' ? 'is_system ne true' : `is_system ne true and status eq '${status}'`,
      });
      if (settled.trim()) parameters.set('$search', settled.trim());
      return get<Page>(`/users?${parameters}`, { signal });
    },
    getNextPageParam: (last) => last['@odata.nextLink'],
  });
}

function PasswordInput(props: InputProps) {
  return (
    <Input.Password
      id={props.id}
      autoComplete="new-password"
      value={typeof props.value === 'string' ? props.value : ''}
      status={props.invalid ? 'error' : undefined}
      aria-describedby={props.describedBy}
      onChange={(event) => props.onChange(event.target.value || null)}
    />
  );
}

function ResetPassword({ user, onClose }: { user: RecordData; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setMessage(null);
    try {
      await post(`/users/${user.id}/reset_password`, { password });
      showToast({
        kind: 'success',
        text: t('settings.password_was_reset', { name: String(user.name) }),
      });
      onClose();
    } catch (error) {
      setMessage(
        isProblem(error)
          ? (error.fieldMessage('password') ?? error.message)
          : t('error.offline_kept'),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t('settings.reset_password')}
      okText={t('settings.reset_password')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: busy, disabled: password === '' }}
      onOk={submit}
      onCancel={onClose}
      width={440}
    >
      <div className="stack">
        <p className="muted">{t('settings.reset_password_text', { name: String(user.name) })}</p>
        {message && <Notice kind="error">{message}</Notice>}
        <div className="field-line">
          <label htmlFor={id}>{t('profile.new_password')}</label>
          <Input.Password
            id={id}
            autoFocus
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <p className="field-help">{t('access.password_help')}</p>
        </div>
      </div>
    </Modal>
  );
}

function UserMenu({
  object,
  user,
  onEdit,
  onReset,
}: {
  object: ObjectMeta;
  user: RecordData;
  onEdit: () => void;
  onReset: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { me } = useRecordWorld();
  const { available, start, dialog } = useActions(
    object,
    [user],
    () => void refreshSettings(client, 'users'),
  );
  const actions = user.id === me ? [] : available;
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            {
              key: 'edit',
              icon: <Pencil size={14} aria-hidden="true" />,
              label: t('settings.edit'),
              onClick: onEdit,
            },
            {
              key: 'reset',
              icon: <KeyRound size={14} aria-hidden="true" />,
              label: t('settings.reset_password'),
              onClick: onReset,
            },
            ...(actions.length > 0 ? [{ type: 'divider' as const }] : []),
            ...actions.map((action) => ({
              key: action.name,
              icon: <Icon name={action.icon} size={14} />,
              label: action.label,
              danger: action.danger,
              onClick: () => start(action),
            })),
          ],
        }}
      >
        <button
          type="button"
          className="icon-button"
          aria-label={t('settings.more_for', { name: String(user.name) })}
        >
          <Ellipsis size={16} aria-hidden="true" />
        </button>
      </Dropdown>
      {dialog}
    </>
  );
}

export default function UserSettings() {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const object = model.object('user');
  const [status, setStatus] = useState('active');
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<RecordData | 'new' | null>(null);
  const [resetting, setResetting] = useState<RecordData | null>(null);
  const query = useUsers(status, text);
  const roles = useRows('roles', { select: 'id,label' });
  if (!object) return null;
  const statusField = object.fields.find((field) => field.name === 'status') as FieldMeta;
  const users = query.data?.pages.flatMap((each) => each.value) ?? [];
  const count = query.data?.pages[0]?.['@kehai.count'];
  const roleName = new Map(roles.data?.map((role) => [role.id, String(role.label)]));
  const fields = [
    'name',
    'login',
    'department_id',
    'superior_id',
    'role_ids',
    'title',
    'mobile',
    'email',
    'language',
  ];
  return (
    <>
      <SectionHead title={t('settings.section.users')} text={t('settings.users_text')}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing('new')}
        />
      </SectionHead>
      <div className="line settings-tools">
        <Tabs
          label={statusField.label}
          items={[
            ...(statusField.options ?? []).map((option) => ({
              key: option.value,
              label: option.label,
            })),
            { key: 'all', label: t('list.all') },
          ]}
          value={status}
          onChange={setStatus}
        />
        <Input
          className="settings-search"
          allowClear
          prefix={<Search size={14} aria-hidden="true" />}
          placeholder={t('list.search', { object: object.label_plural })}
          aria-label={t('list.search', { object: object.label_plural })}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="grow" />
        {count && <span className="muted">{t('list.count', { number: count.value })}</span>}
      </div>
      <RowsState query={query} />
      {query.data && users.length === 0 && (
        <p className="settings-none muted">{t('common.nothing_found')}</p>
      )}
      {users.length > 0 && (
        <div className="card settings-table-box">
          <table className="plain-table settings-table settings-users">
            <thead>
              <tr>
                {['name', 'department_id', 'role_ids', 'superior_id', 'status'].map((name) => (
                  <th key={name} scope="col">
                    {object.fields.find((field) => field.name === name)?.label}
                  </th>
                ))}
                <th scope="col">
                  <span className="sr-only">{t('common.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.id}>
                  <td>
                    <button
                      type="button"
                      className="settings-person"
                      onClick={() => setEditing(user)}
                    >
                      <Avatar name={String(user.name)} size={28} />
                      <span>
                        <strong>{String(user.name)}</strong>
                        <span className="muted">
                          {[user.login, user.title].filter(Boolean).join(' · ')}
                        </span>
                      </span>
                    </button>
                  </td>
                  <td>
                    {referenceText(
                      object.fields.find((field) => field.name === 'department_id') as FieldMeta,
                      user,
                    )}
                  </td>
                  <td>
                    <span className="settings-pills">
                      {((user.role_ids as number[] | undefined) ?? []).map((id) => (
                        <Pill key={id} color="blue">
                          {roleName.get(id) ?? `#${id}`}
                        </Pill>
                      ))}
                    </span>
                  </td>
                  <td>
                    {referenceText(
                      object.fields.find((field) => field.name === 'superior_id') as FieldMeta,
                      user,
                    )}
                  </td>
                  <td>
                    <Pill
                      dot
                      color={
                        statusField.options?.find((option) => option.value === user.status)?.color
                      }
                    >
                      {labelOf(statusField, user.status)}
                    </Pill>
                  </td>
                  <td className="settings-menu-cell">
                    <UserMenu
                      object={object}
                      user={user}
                      onEdit={() => setEditing(user)}
                      onReset={() => setResetting(user)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <Button
          className="settings-more"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {t('settings.load_more')}
        </Button>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing === 'new' ? null : editing}
          fields={editing === 'new' ? ['name', 'login', 'password', ...fields.slice(2)] : fields}
          override={{
            password: {
              type: 'text',
              label: t('settings.first_password'),
              help: t('settings.first_password_help'),
              required: true,
            },
          }}
          inputs={{ password: PasswordInput }}
          create={async (values) => {
            const { title, mobile, email, ...given } = values;
            const user = await post<RecordData>('/users', given);
            // The form of a new user has less than its record; the rest follows as an edit.
            const rest = Object.fromEntries(
              Object.entries({ title, mobile, email }).filter(([, value]) => Boolean(value)),
            );
            if (Object.keys(rest).length > 0) {
              await updateRecord('users', user.id, rest, user['@odata.etag']);
            }
            return user;
          }}
          onClose={() => setEditing(null)}
        />
      )}
      {resetting && <ResetPassword user={resetting} onClose={() => setResetting(null)} />}
    </>
  );
}
