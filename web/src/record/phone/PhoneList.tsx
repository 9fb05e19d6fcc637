import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Drawer, Dropdown, Input } from 'antd';
import { ArrowUpDown, Filter, Plus, Search } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Bones } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { useTypedText } from '@/ui/useTypedText';
import { useRecordWorld } from '../context';
import { FilterChips } from '../filter/FilterChips';
import { useActions } from '../form/useActions';
import { CardFacts } from '../list/CardFacts';
import { ListEmpty } from '../list/ListEmpty';
import { type ListSearch, nextSort } from '../list/listState';
import { useListRequest } from '../list/useListRequest';
import { ViewTabs } from '../list/ViewTabs';
import { titleOf } from '../titles';

const PoolChoice = lazy(() => import('../list/PoolChoice'));
const FilterBuilder = lazy(() => import('../filter/FilterBuilder'));

function PoolClaim({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { available, start, dialog } = useActions(object, [record]);
  const claim = available.find((action) => action.name === 'claim');
  if (!claim) return dialog;
  return (
    <>
      <Button className="soft-button" onClick={() => start(claim)}>
        {claim.label}
      </Button>
      {dialog}
    </>
  );
}

/** The list of an object on the phone: cards instead of a grid. */
export default function PhoneList({
  object,
  search,
  onSearch,
  importHref,
}: {
  object: ObjectMeta;
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>, options?: { replace?: boolean }) => void;
  importHref?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { descriptor, openRecord, hrefOf, create } = useRecordWorld();
  const facts = descriptor(object.name)?.cardFields ?? object.list.columns.slice(1, 5);
  const { query, rows, count, pool, sort, narrowed } = useListRequest(object, search, facts);
  const onText = useCallback(
    (text: string) => onSearch({ q: text || undefined }, { replace: true }),
    [onSearch],
  );
  const typed = useTypedText(search.q ?? '', onText, 350);
  const [filterOpen, setFilterOpen] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    overscan: 6,
    gap: 8,
    paddingStart: 4,
    paddingEnd: 80,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  // After a failure it is the person who asks again.
  const isNextWanted = hasNextPage && !isFetchingNextPage && !isError && last >= rows.length - 8;
  useEffect(() => {
    if (isNextWanted) void fetchNextPage();
  }, [isNextWanted, fetchNextPage]);

  // A press changes the order that is in force, and an order that the view brings along counts, too.
  const wanted = new Set([...object.list.columns, ...facts, ...(sort ? [sort.key] : [])]);
  const sortable = [...wanted].flatMap((name) =>
    object.fields.filter((field) => field.name === name && field.sortable),
  );
  const forbidden = isProblem(query.error) && query.error.status === 403;
  return (
    <div className="page phone-list">
      <header className="phone-head">
        <h1>{object.label_plural}</h1>
        <span className="muted" aria-live="polite">
          {count &&
            t(count.exact ? 'list.count' : 'list.count_at_least', {
              count: count.value,
              number: format.number(count.value),
            })}
        </span>
        <Dropdown
          trigger={['click']}
          placement="bottomRight"
          menu={{
            selectedKeys: sort ? [sort.key] : [],
            items: sortable.map(({ name, label }) => ({
              key: name,
              label: sort?.key === name ? `${label} ${sort.descending ? '↓' : '↑'}` : label,
              onClick: () => onSearch({ sort: nextSort(sort, name) }, { replace: true }),
            })),
          }}
        >
          <button type="button" className="icon-button" aria-label={t('list.sort')}>
            <ArrowUpDown size={18} aria-hidden="true" />
          </button>
        </Dropdown>
        <button
          type="button"
          className="icon-button"
          aria-label={t('filter.title')}
          aria-pressed={Boolean(search.filter)}
          onClick={() => setFilterOpen(true)}
        >
          <Filter size={18} aria-hidden="true" />
        </button>
      </header>
      <div className="phone-tools">
        <Input
          allowClear
          prefix={<Search size={15} aria-hidden="true" />}
          placeholder={t('list.search', { object: object.label_plural })}
          aria-label={t('list.search', { object: object.label_plural })}
          {...typed.box}
        />
        <ViewTabs object={object} search={search} onSearch={onSearch} />
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
          onChange={(filter) => onSearch({ filter })}
        />
      </div>
      <div
        ref={scroller}
        className="phone-scroll"
        tabIndex={0}
        role="region"
        aria-label={object.label_plural}
      >
        {query.isPending && (
          <div className="stack">
            {[0, 1, 2, 3, 4, 5].map((at) => (
              <div key={at} className="phone-card">
                <Bones rows={3} />
              </div>
            ))}
          </div>
        )}
        {isError && !forbidden && rows.length === 0 && (
          <div className="empty" role="alert">
            <h2>{t('list.failed')}</h2>
            <p>{query.error.message}</p>
            <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
          </div>
        )}
        {(forbidden || (query.isSuccess && rows.length === 0)) && (
          <ListEmpty
            object={object}
            forbidden={forbidden}
            narrowed={narrowed}
            pool={pool}
            importHref={importHref}
            onClear={() => onSearch({ filter: undefined, q: undefined, view: undefined })}
            onOwn={() => onSearch({ view: undefined, pool: undefined })}
          />
        )}
        <ul style={{ position: 'relative', height: rows.length > 0 ? virtual.getTotalSize() : 0 }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <li
                key={row.id}
                ref={virtual.measureElement}
                data-index={item.index}
                className="phone-slot"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <div className="phone-card">
                  <a
                    href={hrefOf(object.name, row.id)}
                    className="phone-card-link"
                    onClick={(event) => {
                      event.preventDefault();
                      openRecord(object.name, row.id, { page: true });
                    }}
                  >
                    <strong>{titleOf(object, row, descriptor(object.name)?.titleFields)}</strong>
                    <CardFacts object={object} record={row} names={facts} />
                  </a>
                  {pool && <PoolClaim object={object} record={row} />}
                </div>
              </li>
            );
          })}
        </ul>
        {isError && rows.length > 0 && !isFetchingNextPage && (
          <div className="empty" role="alert">
            <p>{t('grid.more_failed', { reason: query.error.message })}</p>
            <Button onClick={() => void (hasNextPage ? fetchNextPage() : query.refetch())}>
              {t('common.retry')}
            </Button>
          </div>
        )}
      </div>
      {object.rights.includes('create') && !pool && (
        <button
          type="button"
          className="phone-add"
          aria-label={t('record.new', { object: object.label })}
          onClick={() => create(object.name)}
        >
          <Plus size={24} aria-hidden="true" />
        </button>
      )}
      <Drawer
        open={filterOpen}
        placement="bottom"
        size="80%"
        title={t('filter.title')}
        className="sheet"
        onClose={() => setFilterOpen(false)}
        destroyOnHidden
      >
        <Suspense fallback={<Bones rows={4} />}>
          <FilterBuilder
            object={object}
            filter={search.filter}
            onApply={(filter) => onSearch({ filter })}
            onClose={() => setFilterOpen(false)}
          />
        </Suspense>
      </Drawer>
    </div>
  );
}
