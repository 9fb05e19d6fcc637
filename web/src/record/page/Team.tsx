import { useQuery } from '@tanstack/react-query';
import { Button, Popconfirm } from 'antd';
import { LogOut, PenLine, UserPlus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { ActionMeta, ObjectMeta, RecordData } from '@/api/types';
import { Avatar, Bones, Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { useRecordWorld } from '../context';
import { isEnabled } from '../expression';
import { ForeignActions } from '../foreign/ForeignActions';
import { type ForeignVerb, foreignRecord } from '../foreign/foreign';
import { ActionDialog, useRunAction } from '../form/ActionDialog';

interface Member {
  user: { id: number; name: string };
  access: 'read' | 'edit';
  expires_at: string | null;
  is_over: boolean;
  added_by: { id: number; name: string };
  added_at: string;
}
interface JoinRequest {
  user: { id: number; name: string };
  access: 'read' | 'edit';
  note: string;
  at: string;
}
interface Members {
  value: Member[];
  may_manage: boolean;
  requests: JoinRequest[];
}

/** The same dialog with what the member has now. */
function changing(action: ActionMeta, member: Member, label: string): ActionMeta {
  const now: Record<string, unknown> = { access: member.access, expires_at: member.expires_at };
  return {
    ...action,
    label,
    input: action.input?.map((field) =>
      field.name in now ? { ...field, default: now[field.name] } : field,
    ),
  };
}

/** The people who work on a record beside its owner: who, how far, until when. */
export function Team({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const { me } = useRecordWorld();
  const format = useFormat();
  const run = useRunAction(object);
  const [dialog, setDialog] = useState<{
    action: ActionMeta;
    given: Record<string, unknown>;
  } | null>(null);
  const query = useQuery({
    queryKey: ['members', object.collection, record.id],
    queryFn: ({ signal }) => get<Members>(`/${object.collection}/${record.id}/members`, { signal }),
  });
  const named = (name: string) => object.actions.find((action) => action.name === name);
  const [add, remove, leave] = [named('add_members'), named('remove_members'), named('leave_team')];
  const answer = named('answer_join');
  const members = query.data?.value ?? [];
  const requests = query.data?.requests ?? [];
  const manages = query.data?.may_manage === true;

  // For whom the record is somebody else's: who manages it has better ways.
  const today = new Date().toISOString().slice(0, 10);
  const may = (name: string) => {
    const action = named(name);
    return action !== undefined && isEnabled(action.enabled_when, record, { me, today });
  };
  const verbs = (
    [
      ['join', 'ask_to_join'],
      ['arbitrate', 'arbitrate'],
    ] as [ForeignVerb, string][]
  ).flatMap(([verb, name]) => (may(name) ? [verb] : []));
  const isForeign = query.isSuccess && !manages && verbs.length > 0;

  const perform = (action: ActionMeta | undefined, input: Record<string, unknown>) => {
    if (!action) return;
    run(action, [record], input).catch((error: Error) =>
      showToast({ kind: 'error', text: error.message }),
    );
  };
  return (
    <section className="related" aria-label={t('team.title')}>
      <div className="line">
        <h3>{t('team.title')}</h3>
        <span className="muted">{members.length}</span>
        <span className="grow" />
        {manages && add && (
          <button
            type="button"
            className="icon-button"
            aria-label={add.label}
            title={add.label}
            onClick={() =>
              setDialog({
                action: {
                  ...add,
                  input: add.input?.map((field) =>
                    field.name === 'access' ? { ...field, default: 'read' } : field,
                  ),
                },
                given: {},
              })
            }
          >
            <UserPlus size={15} aria-hidden="true" />
          </button>
        )}
      </div>
      {query.isPending && <Bones rows={1} />}
      {query.isError && <p className="muted">{query.error.message}</p>}
      <ul>
        {members.map((member) => (
          <li key={member.user.id} className="team-row" data-over={member.is_over}>
            <Avatar name={member.user.name} size={24} />
            <span className="team-name">
              <span className="ellipsis">{member.user.name}</span>
              {member.expires_at && (
                <span className="muted">
                  {t(member.is_over ? 'team.was_until' : 'team.until', {
                    when: format.dateTime(member.expires_at),
                  })}
                </span>
              )}
            </span>
            <Pill color={member.is_over ? 'grey' : member.access === 'edit' ? 'blue' : 'grey'}>
              {t(member.is_over ? 'team.over' : `team.access.${member.access}`)}
            </Pill>
            {manages && add && (
              <button
                type="button"
                className="icon-button"
                aria-label={t('team.change_of', { name: member.user.name })}
                title={t('team.change')}
                onClick={() =>
                  setDialog({
                    action: changing(add, member, t('team.change')),
                    given: { user_ids: [member.user.id] },
                  })
                }
              >
                <PenLine size={14} aria-hidden="true" />
              </button>
            )}
            {manages && (
              <Popconfirm
                title={t('team.remove_sure', { name: member.user.name })}
                okText={t('team.remove')}
                cancelText={t('common.cancel')}
                onConfirm={() => perform(remove, { user_ids: [member.user.id] })}
              >
                <button
                  type="button"
                  className="icon-button"
                  aria-label={t('team.remove_of', { name: member.user.name })}
                  title={t('team.remove')}
                >
                  <X size={15} aria-hidden="true" />
                </button>
              </Popconfirm>
            )}
            {!manages && member.user.id === me && (
              <Popconfirm
                title={t('team.leave_sure')}
                okText={leave?.label}
                cancelText={t('common.cancel')}
                onConfirm={() => perform(leave, {})}
              >
                <button
                  type="button"
                  className="icon-button"
                  aria-label={leave?.label}
                  title={leave?.label}
                >
                  <LogOut size={14} aria-hidden="true" />
                </button>
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
      {requests.length > 0 && (
        <ul>
          {requests.map((request) => (
            <li key={request.user.id} className="team-request">
              <div className="line">
                <Avatar name={request.user.name} size={24} />
                <span className="team-name">
                  <span className="ellipsis">
                    {t('team.asks', {
                      name: request.user.name,
                      access: t(`team.access.${request.access}`),
                    })}
                  </span>
                  <span className="muted">{format.dateTime(request.at)}</span>
                </span>
              </div>
              {request.note && <p className="muted">{request.note}</p>}
              <div className="line">
                {(['read', 'edit', 'decline'] as const).map((reply) => (
                  <Button
                    key={reply}
                    size="small"
                    type={reply === request.access ? 'primary' : 'default'}
                    onClick={() => perform(answer, { user_id: request.user.id, answer: reply })}
                  >
                    {t(`team.answer.${reply}`)}
                  </Button>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
      {query.isSuccess && members.length + requests.length === 0 && (
        <p className="muted">{t('team.none')}</p>
      )}
      {isForeign && (
        <div className="line team-foreign">
          <ForeignActions foreign={foreignRecord(object, record)} verbs={verbs} />
        </div>
      )}
      {dialog && (
        <ActionDialog
          object={object}
          action={dialog.action}
          given={dialog.given}
          records={[record]}
          onClose={() => setDialog(null)}
          onDone={() => setDialog(null)}
        />
      )}
    </section>
  );
}
