import { useQuery } from '@tanstack/react-query';
import { TreeSelect } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { Page, RecordData } from '@/api/types';
import type { InputProps } from '../kind';

interface Node {
  value: number;
  title: string;
  children?: Node[];
}

/** Departments below their parents, in their order; those whose parent is not known stand at the top. */
export function departmentTree(rows: readonly RecordData[]): Node[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<number | null, RecordData[]>();
  for (const row of rows) {
    const parent = row.parent_id;
    const at = typeof parent === 'number' && known.has(parent) ? parent : null;
    const siblings = below.get(at);
    if (siblings) siblings.push(row);
    else below.set(at, [row]);
  }
  const build = (parent: number | null): Node[] =>
    (below.get(parent) ?? [])
      .toSorted((a, b) => Number(a.order ?? 0) - Number(b.order ?? 0) || a.id - b.id)
      .map((row) => {
        const children = build(row.id);
        return {
          value: row.id,
          title: String(row.name ?? row.id),
          ...(children.length > 0 ? { children } : {}),
        };
      });
  return build(null);
}

/** A department, found in the tree of the organisation or by its name. */
export function DepartmentInput(props: InputProps) {
  const { t } = useTranslation();
  const { field } = props;
  const [open, setOpen] = useState(props.autoFocus === true);
  const { data, isFetching } = useQuery({
    queryKey: ['choices', 'departments', 'tree'],
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      get<Page>('/departments?$select=id,name,parent_id,order&$top=500', { signal }),
  });
  const tree = useMemo(() => departmentTree(data?.value ?? []), [data]);
  const names = useMemo(
    () => new Map(data?.value.map((row) => [row.id, String(row.name)])),
    [data],
  );
  const shared = {
    id: props.id,
    style: { width: '100%' },
    treeData: tree,
    treeDefaultExpandAll: true,
    treeLine: { showLeafIcon: false },
    showSearch: { treeNodeFilterProp: 'title' },
    allowClear: !field.required,
    autoFocus: props.autoFocus,
    open,
    onOpenChange: setOpen,
    loading: isFetching,
    status: props.invalid ? ('error' as const) : undefined,
    placeholder: props.placeholder ?? t('field.search_and_choose'),
    notFoundContent: isFetching ? t('common.loading') : t('common.nothing_found'),
    'aria-label': props.label,
    'aria-describedby': props.describedBy,
  };
  if (field.multiple) {
    return (
      <TreeSelect<number[]>
        {...shared}
        multiple
        value={data && Array.isArray(props.value) ? (props.value as number[]) : []}
        onChange={(value) => props.onChange(value)}
      />
    );
  }
  const value = typeof props.value === 'number' ? props.value : undefined;
  return (
    <TreeSelect<number | { value: number; label: string }>
      {...shared}
      {...(value !== undefined && !names.has(value) && props.display
        ? { labelInValue: true, value: { value, label: props.display } }
        : { value })}
      onChange={(next) => {
        const id = typeof next === 'object' && next !== null ? next.value : next;
        props.onChange(id ?? null, id === undefined ? undefined : names.get(id));
      }}
    />
  );
}
