import { describe, expect, it } from 'vitest';
import { completed, Model } from '@/api/meta';
import type { FieldMeta, Meta } from '@/api/types';
import { pool } from './descriptor';

const toPool: FieldMeta = { name: 'pool_id', type: 'reference', target: 'pool', label: '池' };
const meta = {
  language: 'zh-CN',
  picklists: {},
  objects: [
    {
      name: 'account',
      collection: 'accounts',
      label: '客户',
      pooled: true,
      fields: [toPool],
      layout: [],
      actions: [{ name: 'return', label: '退回', input: [toPool] }],
    },
    { name: 'task', label: '任务', collection: 'tasks', fields: [toPool], layout: [], actions: [] },
  ],
} as unknown as Meta;

describe('the pools that are offered', () => {
  const model = new Model(completed(meta));
  const [account, task] = model.objects;
  const fitting = pool.choices?.useFilter;
  const filterOf = (field: FieldMeta | undefined) => field && fitting?.(model.holderOf(field));

  it('are open ones for the kind of record, in forms, actions and changed copies', () => {
    const wanted = "kind eq 'account' and is_enabled eq true";
    expect(filterOf(account?.fields[0])).toBe(wanted);
    expect(filterOf(account?.actions[0]?.input?.[0])).toBe(wanted);
    expect(filterOf(account && { ...(account.fields[0] as FieldMeta), required: false })).toBe(
      wanted,
    );
  });

  it('are all where no record lies in one', () => {
    expect(filterOf(task?.fields[0])).toBeUndefined();
  });
});
