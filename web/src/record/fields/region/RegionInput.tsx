import { useQuery } from '@tanstack/react-query';
import { Cascader } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { Region } from '@/api/types';
import type { InputProps } from '../kind';

interface Node {
  value: number;
  label: string;
  children?: Node[];
}

function tree(regions: readonly Region[]): Node[] {
  const nodes = new Map<number, Node>(
    regions.map((region) => [region.id, { value: region.id, label: region.name }]),
  );
  const roots: Node[] = [];
  for (const region of regions) {
    const node = nodes.get(region.id) as Node;
    const parent = region.parent_id === null ? undefined : nodes.get(region.parent_id);
    if (parent) {
      parent.children ??= [];
      parent.children.push(node);
    } else roots.push(node);
  }
  return roots;
}

export default function RegionInput(props: InputProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['regions'],
    queryFn: () => get<Region[]>('/regions'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const options = useMemo(() => tree(data ?? []), [data]);
  const path = useMemo(() => {
    const byId = new Map((data ?? []).map((region) => [region.id, region]));
    const found: number[] = [];
    let at = byId.get(props.value as number);
    while (at) {
      found.unshift(at.id);
      at = at.parent_id === null ? undefined : byId.get(at.parent_id);
    }
    return found;
  }, [data, props.value]);
  return (
    <Cascader<Node>
      id={props.id}
      style={{ width: '100%' }}
      options={options}
      value={path}
      changeOnSelect
      showSearch
      autoFocus={props.autoFocus}
      defaultOpen={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder ?? t('field.choose')}
      aria-label={props.label}
      onChange={(values, chosen) => {
        const last = values?.at(-1);
        props.onChange(last === undefined ? null : Number(last), chosen?.at(-1)?.label);
      }}
    />
  );
}
