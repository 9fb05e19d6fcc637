import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown, Select } from 'antd';
import type { TFunction } from 'i18next';
import { EllipsisVertical, Plus } from 'lucide-react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { BoardColumn, Page, RecordData } from '@/api/types';
import { type ModeProps, useRecordWorld } from '@/record/context';
import { SelectCell } from '@/record/fields/shared/choices';
import { referenceText } from '@/record/fields/shared/references';
import { Avatar, Bones, Pill, Tabs } from '@/ui/basics';
import { Board } from '@/ui/board/Board';
import { tokenColor } from '@/ui/colors';
import { type Format, useFormat } from '@/ui/format';
import { useBoard } from './useBoard';
import { useMoveStage } from './useMoveStage';

function dueText(record: RecordData, format: Format, t: TFunction) {
  const due = record.expected_close_date;
  if (typeof due !== 'string' || record.status !== 'open') return null;
  const days = format.daysUntil(due);
  if (days < 0) return { late: true, text: t('board.overdue', { count: -days }) };
  if (days === 0) return { late: false, text: t('board.due_today') };
  if (days <= 7) return { late: false, text: t('board.due_in', { count: days }) };
  return null;
}

/** Opportunities as cards in the columns of their stages. */
export default function OpportunityBoard({ object, search, onSearch, tools }: ModeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { openRecord, hrefOf, create } = useRecordWorld();
  const { move, dialog } = useMoveStage(object);
  const pipelines = useQuery({
    queryKey: ['pipelines'],
    staleTime: 300_000,
    queryFn: () => get<Page>('/pipelines?$select=id,name&$top=50'),
  });
  const { query, columns: all, more } = useBoard(object, search);
  const closed = search.closed === 'yes';

  const level = object.fields.find((field) => field.name === 'level');
  const accountField = object.fields.find((field) => field.name === 'account_id');
  const ownerField = object.fields.find((field) => field.name === 'owner_id');
  const columns = all.filter(
    (column) => closed || column.stage.kind === 'open' || column.stage.kind === 'won',
  );
  const stages = all.map((column) => column.stage);
  const canEdit = object.rights.includes('edit');

  const card = (record: RecordData) => {
    const due = dueText(record, format, t);
    const ownerName =
      ownerField && record.owner_id !== null ? referenceText(ownerField, record) : null;
    return (
      <>
        <div className="line" style={{ alignItems: 'flex-start' }}>
          <a
            className="card-title grow"
            href={hrefOf(object.name, record.id)}
            draggable={false}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey) return;
              event.preventDefault();
              openRecord(object.name, record.id);
            }}
          >
            {String(record[object.title_field])}
          </a>
          {canEdit && (
            <Dropdown
              trigger={['click']}
              menu={{
                items: [
                  {
                    key: 'move',
                    type: 'group',
                    label: t('board.move_to'),
                    children: stages
                      .filter((stage) => stage.id !== record.stage_id)
                      .map((stage) => ({
                        key: stage.id,
                        label: stage.name,
                        onClick: () => move(record, stage),
                      })),
                  },
                ],
              }}
            >
              <button
                type="button"
                className="icon-button"
                aria-label={t('board.card_menu', { name: String(record[object.title_field]) })}
              >
                <EllipsisVertical size={15} aria-hidden="true" />
              </button>
            </Dropdown>
          )}
        </div>
        {accountField && record.account_id !== null && (
          <div className="muted ellipsis">{referenceText(accountField, record)}</div>
        )}
        {record.status === 'open' && typeof record.stagnant_since === 'string' && (
          <div>
            <Pill color="orange">
              {t('board.stagnant', { when: format.relative(record.stagnant_since) })}
            </Pill>
          </div>
        )}
        <div className="line board-amount">
          <strong className="grow">
            {typeof record.amount === 'number' &&
              format.money(
                record.amount,
                typeof record.currency === 'string' ? record.currency : undefined,
              )}
          </strong>
          {level && <SelectCell field={level} value={record.level} record={record} />}
        </div>
        <div className="line board-foot">
          {ownerName && (
            <span className="line grow" style={{ gap: 6 }}>
              <Avatar name={ownerName} />
              <span className="ellipsis">{ownerName}</span>
            </span>
          )}
          {due ? (
            <span className={due.late ? 'late' : 'muted'}>{due.text}</span>
          ) : (
            typeof record.last_activity_at === 'string' && (
              <span className="muted">
                {t('board.followed', { when: format.relative(record.last_activity_at) })}
              </span>
            )
          )}
        </div>
      </>
    );
  };
  const head = (column: BoardColumn) => (
    <>
      <span className="stage-dot" data-color={tokenColor(column.stage.color)} aria-hidden="true" />
      <h2 className="ellipsis">{column.stage.name}</h2>
      <span className="muted">{column.count}</span>
      <span className="grow" />
      {column.amount !== null && (
        <span className="board-sum">{format.moneyShort(column.amount)}</span>
      )}
    </>
  );

  const controls = (
    <>
      <Select
        value={search.pipeline ?? query.data?.pipeline.id}
        aria-label={t('board.pipeline')}
        style={{ minWidth: 150 }}
        options={(pipelines.data?.value ?? []).map((row) => ({
          value: row.id,
          label: String(row.name),
        }))}
        onChange={(pipeline: number) => onSearch({ pipeline })}
      />
      <Tabs
        label={t('board.owner')}
        items={[
          { key: 'all', label: t('board.all') },
          { key: 'me', label: t('board.mine') },
        ]}
        value={search.owner ?? 'all'}
        onChange={(owner) => onSearch({ owner: owner === 'me' ? 'me' : undefined })}
      />
      <label className="line">
        <input
          type="checkbox"
          checked={closed}
          onChange={(event) => onSearch({ closed: event.target.checked ? 'yes' : undefined })}
        />
        {t('board.show_closed')}
      </label>
    </>
  );

  return (
    <>
      {tools && createPortal(controls, tools)}
      {query.isError ? (
        <div className="empty" role="alert">
          <h2>{t('list.failed')}</h2>
          <p>{query.error.message}</p>
          <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
        </div>
      ) : query.isPending ? (
        <div className="board" aria-busy="true">
          {[0, 1, 2, 3, 4].map((at) => (
            <div key={at} className="board-column" style={{ padding: 12 }}>
              <Bones rows={8} />
            </div>
          ))}
        </div>
      ) : (
        <Board
          label={object.label_plural}
          draggable={canEdit}
          openId={null}
          columns={columns.map((column) => ({
            key: column.stage.id,
            label: column.stage.name,
            head: head(column),
            cards: column.cards,
            onEnd: column.isFailed ? undefined : () => more(column),
            foot:
              column.next !== null ? (
                <Button
                  type="text"
                  className="board-more"
                  loading={column.isLoading}
                  onClick={() => more(column)}
                >
                  {t('board.more', { count: Math.max(1, column.count - column.cards.length) })}
                </Button>
              ) : column.stage.kind === 'open' && object.rights.includes('create') ? (
                <Button
                  type="text"
                  className="board-add"
                  icon={<Plus size={14} aria-hidden="true" />}
                  onClick={() => create(object.name)}
                >
                  {t('record.new', { object: object.label })}
                </Button>
              ) : null,
          }))}
          renderCard={card}
          onDrop={(record, key) => {
            const stage = stages.find((candidate) => candidate.id === key);
            if (stage) move(record, stage);
          }}
        />
      )}
      {dialog}
    </>
  );
}
