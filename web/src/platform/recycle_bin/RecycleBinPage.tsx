import { useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Input, type InputRef } from 'antd';
import { RotateCcw, Search, SearchX, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { restoreRecord } from '@/api/records';
import { refreshLists, refreshRecord } from '@/record/cache';
import { useRecordWorld } from '@/record/context';
import { useNames } from '@/record/fields/shared/names';
import { titleOf } from '@/record/titles';
import { askedWhy, type Reasons } from '@/record/why';
import { Bones, Empty, Notice, Person, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { Icon } from '@/ui/Icon';
import { useShortcuts } from '@/ui/keyboard';
import { showToast } from '@/ui/toast';
import { usePhone } from '@/ui/useMedia';
import { type DeletedRow, daysKept, pageSize, restorable, useRecycleBin } from './useRecycleBin';

const keyOf = ({ object, record }: DeletedRow) => `${object.name}.${record.id}`;

/** What was deleted and can still be brought back, of every object that the user may delete. */
export default function RecycleBinPage({
  object: chosenObject,
  onObject,
}: {
  object: string | undefined;
  onObject: (object: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const client = useQueryClient();
  const { model, openRecord } = useRecordWorld();
  const objects = restorable(model);
  const only = objects.find((object) => object.name === chosenObject)?.name;
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState(pageSize);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const searchBox = useRef<InputRef>(null);
  const bin = useRecycleBin(model, objects, only, text, wanted);

  useEffect(() => {
    const timer = window.setTimeout(() => setText(typed.trim()), 300);
    return () => window.clearTimeout(timer);
  }, [typed]);
  useShortcuts({ '/': () => searchBox.current?.focus({ cursor: 'all' }) });

  const chosen = bin.rows.filter((row) => selection.has(keyOf(row)));
  const restore = async (rows: readonly DeletedRow[], reasons: Reasons = {}) => {
    setBusy(true);
    const done: DeletedRow[] = [];
    let refusal = '';
    const askable: DeletedRow[] = [];
    let question: unknown;
    // One after the other: a customer before the people that come back with it.
    for (const row of rows.toSorted((a, b) => rank(a) - rank(b))) {
      try {
        await restoreRecord(row.object.collection, row.record.id, reasons);
        done.push(row);
      } catch (error) {
        if (isProblem(error) && error.reasonField !== null && !(error.reasonField in reasons)) {
          askable.push(row);
          question = error;
          continue;
        }
        const gone = (error as { status?: number }).status === 404;
        if (!gone || rows.length === 1)
          refusal ||= `${titleOf(row.object, row.record)}：${(error as Error).message}`;
      }
    }
    setBusy(false);
    setSelection(new Set());
    for (const object of objects) refreshLists(client, object.collection);
    for (const { object, record } of done) refreshRecord(client, object.collection, record.id);
    if (done.length > 0) {
      const [first] = done;
      showToast({
        kind: 'success',
        text: t('recycle_bin.restored', { count: done.length }),
        action:
          done.length === 1
            ? {
                label: t('record.view'),
                run: () => openRecord(first.object.name, first.record.id, { page: true }),
              }
            : undefined,
      });
    }
    if (refusal) showToast({ kind: 'error', text: refusal });
    askedWhy(question, (more) => restore(askable, { ...reasons, ...more }));
  };
  const toggle = (row: DeletedRow) => {
    const next = new Set(selection);
    if (!next.delete(keyOf(row))) next.add(keyOf(row));
    setSelection(next);
  };
  const total = [...bin.counts.values()].reduce((sum, count) => sum + count, 0);
  const tabs = [
    { key: '', label: `${t('recycle_bin.all')} ${total}` },
    ...objects
      .filter((object) => object.name === only || (bin.counts.get(object.name) ?? 0) > 0)
      .map((object) => ({
        key: object.name,
        label: `${object.label} ${bin.counts.get(object.name) ?? 0}`,
      })),
  ];
  const allChosen = bin.rows.length > 0 && chosen.length === bin.rows.length;
  return (
    <div className="page recycle-bin">
      <header className="page-bar">
        <h1>{t('recycle_bin.title')}</h1>
        <span className="muted recycle-bin-text">{t('recycle_bin.text', { count: daysKept })}</span>
      </header>
      {objects.length === 0 ? (
        <Empty
          icon={<Trash2 size={26} />}
          title={t('empty.forbidden_title')}
          text={t('recycle_bin.forbidden')}
        />
      ) : (
        <>
          <div className="recycle-bin-tools">
            <Input
              ref={searchBox}
              className="recycle-bin-search"
              allowClear
              prefix={<Search size={14} aria-hidden="true" />}
              placeholder={t('recycle_bin.search')}
              aria-label={t('recycle_bin.search')}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <div className="recycle-bin-tabs">
              <Tabs
                label={t('recycle_bin.by_object')}
                items={tabs}
                value={only ?? ''}
                onChange={(key) => {
                  setSelection(new Set());
                  setWanted(pageSize);
                  onObject(key || undefined);
                }}
              />
            </div>
            <span className="grow" />
            {chosen.length > 0 && (
              <Button
                type="primary"
                loading={busy}
                icon={<RotateCcw size={15} aria-hidden="true" />}
                onClick={() => void restore(chosen)}
              >
                {t('recycle_bin.restore_some', { count: chosen.length })}
              </Button>
            )}
          </div>
          <div
            className="recycle-bin-scroll"
            tabIndex={0}
            role="region"
            aria-label={t('recycle_bin.title')}
          >
            {bin.error && (
              <Notice kind="error">
                <span className="line">
                  <span className="grow">{bin.error.message}</span>
                  <Button onClick={() => void bin.refetch()}>{t('common.retry')}</Button>
                </span>
              </Notice>
            )}
            {bin.isPending && bin.rows.length === 0 && !bin.error && (
              <div className="card card-body" aria-busy="true">
                <Bones rows={8} />
              </div>
            )}
            {!bin.isPending && bin.rows.length === 0 && !bin.error && (
              <Empty
                icon={text ? <SearchX size={26} /> : <Trash2 size={26} />}
                title={text ? t('empty.no_match_title') : t('recycle_bin.empty_title')}
                text={
                  text ? t('recycle_bin.none') : t('recycle_bin.empty_text', { count: daysKept })
                }
              >
                {text && <Button onClick={() => setTyped('')}>{t('empty.clear')}</Button>}
              </Empty>
            )}
            {bin.rows.length > 0 &&
              (phone ? (
                <ul className="recycle-bin-cards">
                  {bin.rows.map((row) => (
                    <li key={keyOf(row)} className="phone-card">
                      <Checkbox
                        checked={selection.has(keyOf(row))}
                        onChange={() => toggle(row)}
                        aria-label={t('recycle_bin.choose', {
                          name: titleOf(row.object, row.record),
                        })}
                      />
                      <div className="grow">
                        <strong>{titleOf(row.object, row.record)}</strong>
                        <DeletedFacts row={row} />
                      </div>
                      <RestoreButton row={row} busy={busy} onRestore={() => void restore([row])} />
                    </li>
                  ))}
                </ul>
              ) : (
                <div className="card">
                  <table className="plain-table settings-table">
                    <thead>
                      <tr>
                        <th scope="col" className="recycle-bin-check">
                          <Checkbox
                            checked={allChosen}
                            indeterminate={chosen.length > 0 && !allChosen}
                            onChange={() =>
                              setSelection(allChosen ? new Set() : new Set(bin.rows.map(keyOf)))
                            }
                            aria-label={t('recycle_bin.choose_all')}
                          />
                        </th>
                        <th scope="col">{t('recycle_bin.name')}</th>
                        <th scope="col">{t('recycle_bin.object')}</th>
                        <th scope="col">{t('recycle_bin.deleted_by')}</th>
                        <th scope="col">{t('recycle_bin.deleted_at')}</th>
                        <th scope="col">{t('recycle_bin.days_left')}</th>
                        <th scope="col">
                          <span className="sr-only">{t('recycle_bin.restore')}</span>
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {bin.rows.map((row) => (
                        <DeletedLine
                          key={keyOf(row)}
                          row={row}
                          chosen={selection.has(keyOf(row))}
                          busy={busy}
                          onToggle={() => toggle(row)}
                          onRestore={() => void restore([row])}
                        />
                      ))}
                    </tbody>
                  </table>
                </div>
              ))}
            {bin.hasMore && (
              <div className="recycle-bin-more">
                <Button onClick={() => setWanted(wanted + pageSize)}>
                  {t('recycle_bin.more')}
                </Button>
              </div>
            )}
          </div>
        </>
      )}
    </div>
  );
}

/** Customers first: what hangs on them needs them. */
function rank({ object }: DeletedRow): number {
  return object.name === 'account' ? 0 : 1;
}

function useDeletion({ record }: DeletedRow) {
  const { t } = useTranslation();
  const format = useFormat();
  const names = useNames('users', 'name');
  const at = String(record.deleted_at ?? '');
  const by = typeof record.deleted_by === 'number' ? record.deleted_by : 0;
  const left = at ? Math.max(0, daysKept + format.daysUntil(at)) : daysKept;
  return {
    at,
    format,
    by: by === 0 ? t('recycle_bin.system') : (names?.get(by) ?? ''),
    left,
    leftText: left === 0 ? t('recycle_bin.last_day') : t('recycle_bin.days', { count: left }),
  };
}

function RestoreButton({
  row,
  busy,
  onRestore,
}: {
  row: DeletedRow;
  busy: boolean;
  onRestore: () => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  return (
    <Button
      size={phone ? 'middle' : 'small'}
      disabled={busy}
      aria-label={t('recycle_bin.restore_of', { name: titleOf(row.object, row.record) })}
      onClick={onRestore}
    >
      {t('recycle_bin.restore')}
    </Button>
  );
}

function DeletedLine({
  row,
  chosen,
  busy,
  onToggle,
  onRestore,
}: {
  row: DeletedRow;
  chosen: boolean;
  busy: boolean;
  onToggle: () => void;
  onRestore: () => void;
}) {
  const { t } = useTranslation();
  const { at, by, format, left, leftText } = useDeletion(row);
  const title = titleOf(row.object, row.record);
  return (
    <tr data-chosen={chosen || undefined}>
      <td className="recycle-bin-check">
        <Checkbox
          checked={chosen}
          onChange={onToggle}
          aria-label={t('recycle_bin.choose', { name: title })}
        />
      </td>
      <th scope="row" className="recycle-bin-name">
        <span className="ellipsis" title={title}>
          {title}
        </span>
      </th>
      <td>
        <span className="line">
          <Icon name={row.object.icon} size={15} />
          {row.object.label}
        </span>
      </td>
      <td>{by && <Person name={by} />}</td>
      <td className="t" title={at && format.dateTime(at)}>
        {at && format.relative(at)}
      </td>
      <td className="t">
        <span className={left <= 3 ? 'late' : undefined}>{leftText}</span>
      </td>
      <td className="settings-menu-cell">
        <RestoreButton row={row} busy={busy} onRestore={onRestore} />
      </td>
    </tr>
  );
}

function DeletedFacts({ row }: { row: DeletedRow }) {
  const { t } = useTranslation();
  const { at, by, format, left, leftText } = useDeletion(row);
  return (
    <p className="muted recycle-bin-facts">
      <span>{[row.object.label, by, at && format.relative(at)].filter(Boolean).join(' · ')}</span>
      <span className={left <= 3 ? 'late' : undefined}>
        {t('recycle_bin.days_left')} {leftText}
      </span>
    </p>
  );
}
