import { useQueryClient } from '@tanstack/react-query';
import { Button, Input, type InputRef, Popover } from 'antd';
import { Columns3, Download, Filter, Plus, RefreshCw, Search, Upload } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { useShortcuts } from '@/ui/keyboard';
import { useTypedText } from '@/ui/useTypedText';
import { useRecordWorld } from '../context';
import { FilterChips } from '../filter/FilterChips';
import { countConditions, readFilter } from '../filter/model';
import { useSave } from '../useSave';
import { BulkBar } from './BulkBar';
import { ListEmpty } from './ListEmpty';
import { type ListSearch, nextSort, writeLayout } from './listState';
import { RecordGrid } from './RecordGrid';
import { useEverything } from './useEverything';
import { useListRequest } from './useListRequest';
import { ViewTabs } from './ViewTabs';

const FilterBuilder = lazy(() => import('../filter/FilterBuilder'));
const PoolChoice = lazy(() => import('./PoolChoice'));
const ExportDialog = lazy(() => import('./ExportDialog'));
const ColumnSettings = lazy(() => import('./ColumnSettings'));
const RecordPanel = lazy(() => import('../page/RecordPanel'));

const nothing: ReadonlySet<number> = new Set();

export interface ListPageProps {
  object: ObjectMeta;
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>, options?: { replace?: boolean }) => void;
  importHref?: string;
}

/** The list of an object on the desktop: views, search, filter, grid, and the open record beside it. */
export function ListPage({ object, search, onSearch, importHref }: ListPageProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { create, descriptor, model } = useRecordWorld();
  const [selection, setSelection] = useState<ReadonlySet<number>>(nothing);
  const [filterOpen, setFilterOpen] = useState(false);
  const [tools, setTools] = useState<HTMLElement | null>(null);
  const searchBox = useRef<InputRef>(null);
  const save = useSave(object);

  const Board = descriptor(object.name)?.board;
  const mode = Board ? (search.mode ?? 'board') : 'list';
  const { query, rows, count, pool, columns, filter, sort, realOrder, narrowed } = useListRequest(
    object,
    search,
  );

  const onText = useCallback(
    (text: string) => onSearch({ q: text || undefined }, { replace: true }),
    [onSearch],
  );
  const typed = useTypedText(search.q ?? '', onText, 300);

  useShortcuts({
    '/': () => searchBox.current?.focus({ cursor: 'all' }),
    c: () => object.rights.includes('create') && create(object.name),
    f: () => setFilterOpen(true),
  });

  // What is chosen belongs to what was asked for, in whatever order.
  const matching = JSON.stringify([object.name, filter, search.q]);
  const [chosenFrom, setChosenFrom] = useState(matching);
  if (chosenFrom !== matching) {
    setChosenFrom(matching);
    setSelection(nothing);
  }
  const everything = useEverything(
    model,
    object,
    {
      filter,
      search: search.q,
      orderby: realOrder,
      columns: descriptor(object.name)?.titleFields ?? [],
    },
    setSelection,
  );
  const chosen = useMemo(() => {
    const loaded = new Set(rows.map(({ id }) => id));
    const beyond = (everything.records ?? []).filter(({ id }) => !loaded.has(id));
    return [...rows, ...beyond].filter(({ id }) => selection.has(id));
  }, [rows, everything.records, selection]);
  const isMore =
    query.hasNextPage &&
    rows.length > 0 &&
    rows.every(({ id }) => selection.has(id)) &&
    chosen.length === rows.length;
  const conditions = useMemo(() => {
    const group = readFilter(object, search.filter);
    return group ? countConditions(group) : 1;
  }, [object, search.filter]);

  const setSort = (key: string) => onSearch({ sort: nextSort(sort, key) });
  const setColumns = (next: string[]) => {
    writeLayout(object.name, { columns: next });
    onSearch({ cols: next.join(',') }, { replace: true });
  };
  const subject = JSON.stringify([matching, realOrder, search.pool]);
  const forbidden = isProblem(query.error) && query.error.status === 403;

  return (
    <div className="page">
      <header className="page-bar">
        <h1>{object.label_plural}</h1>
        {Board && (
          <Tabs
            label={t('list.mode')}
            items={[
              { key: 'board', label: t('list.board') },
              { key: 'list', label: t('list.list') },
            ]}
            value={mode}
            onChange={(key) => onSearch({ mode: key as 'board' | 'list' })}
          />
        )}
        {mode === 'list' && <ViewTabs object={object} search={search} onSearch={onSearch} />}
        <span className="grow" />
        {importHref && object.rights.includes('import') && (
          <Button href={importHref} icon={<Upload size={14} aria-hidden="true" />}>
            {t('list.import')}
          </Button>
        )}
        {object.rights.includes('export') && (
          <Button
            icon={<Download size={14} aria-hidden="true" />}
            onClick={() => onSearch({ export: 'yes' }, { replace: true })}
          >
            {t('list.export')}
          </Button>
        )}
        {object.rights.includes('create') && (
          <Button
            type="primary"
            icon={<Plus size={15} aria-hidden="true" />}
            onClick={() => create(object.name)}
          >
            {t('record.new', { object: object.label })}
          </Button>
        )}
      </header>
      <div className="page-bar list-tools">
        <Input
          ref={searchBox}
          className="list-search"
          allowClear
          prefix={<Search size={14} aria-hidden="true" />}
          suffix={typed.text === '' ? <kbd className="kbd">/</kbd> : undefined}
          placeholder={t('list.search', { object: object.label_plural })}
          aria-label={t('list.search', { object: object.label_plural })}
          {...typed.box}
        />
        <Popover
          trigger="click"
          placement="bottomLeft"
          open={filterOpen}
          onOpenChange={setFilterOpen}
          destroyOnHidden
          content={
            <Suspense fallback={<div className="filter-builder" aria-busy="true" />}>
              <FilterBuilder
                object={object}
                filter={search.filter}
                onApply={(next) => onSearch({ filter: next })}
                onClose={() => setFilterOpen(false)}
              />
            </Suspense>
          }
        >
          <Button icon={<Filter size={14} aria-hidden="true" />}>
            {t('filter.title')}
            {search.filter && <span className="badge">{conditions}</span>}
          </Button>
        </Popover>
        {pool && (
          <Suspense fallback={null}>
            <PoolChoice
              object={object}
              pool={search.pool}
              onPool={(next) => onSearch({ pool: next })}
            />
          </Suspense>
        )}
        <FilterChips
          object={object}
          filter={search.filter}
          onChange={(next) => onSearch({ filter: next })}
        />
        <span className="grow" />
        {mode === 'board' && <div ref={setTools} className="line" />}
        {mode === 'list' && (
          <>
            <span className="muted" aria-live="polite">
              {count &&
                t(count.exact ? 'list.count' : 'list.count_at_least', {
                  count: count.value,
                  number: format.number(count.value),
                })}
            </span>
            <button
              type="button"
              className="icon-button"
              title={t('list.refresh')}
              aria-label={t('list.refresh')}
              onClick={() => client.invalidateQueries({ queryKey: ['list', object.collection] })}
            >
              <RefreshCw size={15} aria-hidden="true" />
            </button>
            <Popover
              trigger="click"
              placement="bottomRight"
              destroyOnHidden
              content={
                <Suspense fallback={<div className="column-settings" aria-busy="true" />}>
                  <ColumnSettings
                    object={object}
                    columns={columns}
                    onChange={setColumns}
                    onReset={() => {
                      writeLayout(object.name, { columns: undefined, widths: undefined });
                      onSearch({ cols: undefined });
                    }}
                  />
                </Suspense>
              }
            >
              <button
                type="button"
                className="icon-button"
                title={t('columns.title')}
                aria-label={t('columns.title')}
              >
                <Columns3 size={15} aria-hidden="true" />
              </button>
            </Popover>
          </>
        )}
      </div>
      <div className="list-body">
        <div className="list-main">
          {Board && mode === 'board' ? (
            <Suspense fallback={<div className="board-wait" aria-busy="true" />}>
              <Board object={object} search={search} onSearch={onSearch} tools={tools} />
            </Suspense>
          ) : (
            <RecordGrid
              object={object}
              subject={subject}
              columns={columns}
              rows={rows as RecordData[]}
              loading={query.isPending}
              hasMore={query.hasNextPage}
              failure={
                query.isError && query.hasNextPage && !query.isFetchingNextPage
                  ? { message: query.error.message, retry: () => void query.fetchNextPage() }
                  : null
              }
              total={count?.value ?? null}
              onEnd={() => {
                if (!query.isFetchingNextPage && !query.isError) void query.fetchNextPage();
              }}
              sort={sort}
              onSort={setSort}
              onColumns={setColumns}
              selection={selection}
              onSelection={setSelection}
              openId={search.id ?? null}
              save={save}
              empty={
                query.isError && !forbidden ? (
                  <div className="empty" role="alert">
                    <h2>{t('list.failed')}</h2>
                    <p>{query.error.message}</p>
                    <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
                  </div>
                ) : (
                  <ListEmpty
                    object={object}
                    forbidden={forbidden}
                    narrowed={narrowed}
                    pool={pool}
                    importHref={importHref}
                    onClear={() => onSearch({ filter: undefined, q: undefined, view: undefined })}
                    onOwn={() => onSearch({ view: undefined, pool: undefined })}
                  />
                )
              }
            />
          )}
          <BulkBar
            object={object}
            records={chosen}
            onClear={() => setSelection(nothing)}
            everything={
              isMore || everything.counted !== null
                ? {
                    label:
                      everything.counted !== null
                        ? t('bulk.collecting', { number: format.number(everything.counted) })
                        : count?.exact
                          ? t('bulk.every', { number: format.number(count.value) })
                          : t('bulk.every_open'),
                    isComing: everything.counted !== null,
                    onTake: () => void everything.take(),
                  }
                : null
            }
          />
        </div>
        {search.id !== undefined && (
          <Suspense fallback={<div className="record-panel" aria-busy="true" />}>
            <RecordPanel
              key={search.id}
              object={object}
              id={search.id}
              onClose={() => onSearch({ id: undefined }, { replace: true })}
            />
          </Suspense>
        )}
      </div>
      {search.export && object.rights.includes('export') && (
        <Suspense fallback={null}>
          <ExportDialog
            object={object}
            what={{ filter, search: search.q, columns, orderby: realOrder, count: count ?? null }}
            onClose={() => onSearch({ export: undefined }, { replace: true })}
          />
        </Suspense>
      )}
    </div>
  );
}
