import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { useSession } from '@/api/session';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useDelete } from '@/record/form/useActions';
import { Notice, Pill } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { useRefresh, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';
import { RightsMatrix } from './RightsMatrix';
import { type Rights, readRights, writeRights } from './rights';

/** Rights are changed in a draft: half a change of rights must never be in force. */
function RoleRights({ role, readOnly }: { role: RecordData; readOnly: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Rights | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const query = useQuery({
    queryKey: ['settings', 'rights', role.id],
    queryFn: () => readRights(role.id),
  });
  const rights = draft ?? query.data;
  if (!rights) return <RowsState query={query} />;
  const save = async () => {
    setBusy(true);
    setMessage(null);
    try {
      await writeRights(role.id, rights);
      client.setQueryData(['settings', 'rights', role.id], rights);
      setDraft(null);
      showToast({ kind: 'success', text: t('settings.rights_saved') });
      await client.invalidateQueries({ queryKey: ['settings', 'rights', role.id] });
    } catch (error) {
      setMessage(
        isProblem(error)
          ? [error.message, ...error.fields.map((entry) => entry.message)].join(' ')
          : t('error.offline_kept'),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {message && <Notice kind="error">{message}</Notice>}
      <RightsMatrix rights={rights} readOnly={readOnly} onChange={setDraft} />
      {draft && (
        <div className="settings-save">
          <span className="grow">{t('settings.unsaved')}</span>
          <Button onClick={() => setDraft(null)}>{t('settings.discard')}</Button>
          <Button type="primary" loading={busy} onClick={save}>
            {t('common.save')}
          </Button>
        </div>
      )}
    </>
  );
}

function Roles({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const query = useRows('roles', { orderby: 'name' });
  const refresh = useRefresh('roles');
  const remove = useDelete(object);
  const [chosen, setChosen] = useState<number | null>(null);
  const [editing, setEditing] = useState<RecordData | 'new' | null>(null);
  const roles = (query.data ?? []).toSorted((a, b) => a.id - b.id);
  const role =
    roles.find((each) => each.id === chosen) ?? roles.find((each) => each.name !== 'admin');
  const fixed = role?.name === 'admin';
  return (
    <>
      <SectionHead title={t('settings.section.roles')} text={t('settings.roles_text')}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing('new')}
        />
      </SectionHead>
      <RowsState query={query} />
      {role && (
        <>
          <div className="settings-choices" role="group" aria-label={object.label_plural}>
            {roles.map((each) => (
              <button
                key={each.id}
                type="button"
                aria-pressed={each.id === role.id}
                onClick={() => setChosen(each.id)}
              >
                {String(each.label)}
              </button>
            ))}
          </div>
          <div className="line settings-role">
            <h3>{String(role.label)}</h3>
            {role.built_in === true && <Pill>{t('settings.built_in')}</Pill>}
            <span className="muted grow ellipsis">{String(role.description ?? '')}</span>
            <Button
              icon={<Pencil size={14} aria-hidden="true" />}
              onClick={() => setEditing(role)}
              disabled={fixed}
            >
              {t('settings.edit')}
            </Button>
            {role.built_in !== true && (
              <Button
                danger
                icon={<Trash2 size={14} aria-hidden="true" />}
                onClick={() => void remove([role]).then(refresh)}
              >
                {t('common.delete')}
              </Button>
            )}
          </div>
          {fixed ? (
            <Notice>{t('settings.admin_fixed')}</Notice>
          ) : (
            <RoleRights key={role.id} role={role} readOnly={!user.is_admin} />
          )}
        </>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing === 'new' ? null : editing}
          fields={
            editing !== 'new' && editing.built_in === true
              ? ['label', 'description']
              : ['label', 'name', 'description']
          }
          onClose={() => setEditing(null)}
          onSaved={(saved) => saved && setChosen(saved.id)}
        />
      )}
    </>
  );
}

export default function RoleSettings() {
  const { model } = useRecordWorld();
  const object = model.object('role');
  return object ? <Roles object={object} /> : null;
}
