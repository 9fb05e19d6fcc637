import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { fetchPage, listPath } from '@/api/records';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useRecordWorld } from '../context';
import { referenceText } from '../fields/shared/references';
import { useActions } from '../form/useActions';

/** Which field of a dispute names a record of this object; null when there are no disputes about it. */
export function disputeField(
  object: ObjectMeta,
  disputes: ObjectMeta | undefined,
): string | undefined {
  if (!object.actions.some(({ name }) => name === 'arbitrate')) return undefined;
  return disputes?.fields.find((field) => field.target === object.name && field.name !== ownLead)
    ?.name;
}

/** The claimant's own lead is evidence, not what the dispute is about. */
const ownLead = 'evidence_lead_id';

function Open({ disputes, dispute }: { disputes: ObjectMeta; dispute: RecordData }) {
  const { t } = useTranslation();
  const { me, openRecord, hrefOf } = useRecordWorld();
  const actions = useActions(disputes, [dispute]);
  const claimant = disputes.fields.find(({ name }) => name === 'claimant_id');
  const mine = dispute.claimant_id === me;
  const decide = actions.available.find(({ name }) => name === 'decide');
  return (
    <div className="banner-notice">
      <Notice kind="warn">
        <div className="line dispute-notice">
          <span className="grow">
            {t(mine ? 'arbitration.notice_mine' : 'arbitration.notice', {
              claimant: claimant ? referenceText(claimant, dispute) : '',
              date: String(dispute.due_on ?? ''),
            })}
          </span>
          <span className="line">
            <a
              href={hrefOf(disputes.name, dispute.id)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                openRecord(disputes.name, dispute.id, { page: true });
              }}
            >
              {t('arbitration.view')}
            </a>
            {decide && (
              <Button size="small" type="primary" onClick={() => actions.start(decide)}>
                {decide.label}
              </Button>
            )}
          </span>
        </div>
      </Notice>
      {actions.dialog}
    </div>
  );
}

/** Says that somebody disputes whose the record is, and that it stays where it is until decided. */
export function DisputeNotice({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { model } = useRecordWorld();
  const disputes = model.object('arbitration');
  const field = disputeField(object, disputes);
  // The record itself says that there is one, so that the others cost no request.
  const isDisputed = disputes !== undefined && field !== undefined && record.is_disputed !== false;
  const query = useQuery({
    queryKey: ['list', disputes?.collection, 'about', object.name, record.id],
    enabled: isDisputed,
    retry: false,
    queryFn: ({ signal }) =>
      fetchPage(
        listPath(model, disputes as ObjectMeta, {
          filter: `${field} eq ${record.id} and status eq 'open'`,
          columns: ['status', 'claimant_id', 'decider_id', 'due_on'],
          top: 1,
        }),
        signal,
      ).then((page) => ({ pages: [page], pageParams: [] as unknown[] })),
  });
  const dispute = query.data?.pages[0]?.value[0];
  return isDisputed && dispute ? <Open disputes={disputes} dispute={dispute} /> : null;
}
