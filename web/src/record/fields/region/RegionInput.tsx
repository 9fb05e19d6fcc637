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

/** All regions as choices, and the way from the province down to one of them. */
function useChoices() {
  const { data } = useQuery({
    queryKey: ['regions'],
    queryFn: () => get<Region[]>('/regions'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    const byId = new Map((data ?? []).map((region) => [region.id, region]));
    const pathTo = (id: unknown): number[] => {
      const found: number[] = [];
      let at = byId.get(id as number);
      while (at) {
        found.unshift(at.id);
        at = at.parent_id === null ? undefined : byId.get(at.parent_id);
      }
      return found;
    };
    return { options: tree(data ?? []), pathTo };
  }, [data]);
}

/** Several regions; whoever chooses a province has chosen all that lies in it. */
export function RegionsInput(props: InputProps) {
  const { t } = useTranslation();
  const { options, pathTo } = useChoices();
  const paths = useMemo(
    () => ((props.value as number[] | null) ?? []).map(pathTo).filter((path) => path.length > 0),
    [props.value, pathTo],
  );
  return (
    <Cascader<Node>
      id={props.id}
      style={{ width: '100%' }}
      multiple
      options={options}
      value={paths}
      showSearch
      showCheckedStrategy={Cascader.SHOW_PARENT}
      autoFocus={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder ?? t('field.choose')}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onChange={(values) => props.onChange(values.map((path) => Number(path.at(-1))))}
    />
  );
}

export default function RegionInput(props: InputProps) {
  const { t } = useTranslation();
  const { options, pathTo } = useChoices();
  const path = useMemo(() => pathTo(props.value), [pathTo, props.value]);
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
