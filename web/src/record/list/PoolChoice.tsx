import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { ObjectMeta, Page } from '@/api/types';

/** Which of several pools the pool view shows. With one pool there is nothing to choose. */
export default function PoolChoice({
  object,
  pool,
  onPool,
}: {
  object: ObjectMeta;
  pool: number | undefined;
  onPool: (pool: number | undefined) => void;
}) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['pools', object.name],
    staleTime: 300_000,
    queryFn: () =>
      get<Page>(
        `/pools?${new URLSearchParams({ $filter: `kind eq '${object.pooled}'`, $select: 'id,name' })}`,
      ),
  });
  const pools = data?.value ?? [];
  if (pools.length < 2) return null;
  return (
    <Select<number>
      style={{ minWidth: 140 }}
      allowClear
      value={pool}
      placeholder={t('list.all_pools')}
      aria-label={t('list.which_pool')}
      options={pools.map((row) => ({ value: row.id, label: String(row.name) }))}
      onChange={(value) => onPool(value ?? undefined)}
    />
  );
}
