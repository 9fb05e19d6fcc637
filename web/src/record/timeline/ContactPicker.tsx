import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { FieldMeta, Page, RecordData } from '@/api/types';

export interface Named {
  id: number;
  name: string;
}

const contactsWhere = (parameters: Record<string, string>) => async () => {
  const query = new URLSearchParams({ $select: 'id,name', $top: '50', ...parameters });
  const page = await get<Page>(`/contacts?${query}`);
  return page.value.map((row): Named => ({ id: row.id, name: String(row.name ?? '') }));
};

/** The customer that a record belongs to, as far as the screen has it. */
export function useAccountOf(object: string, collection: string, id: number): number | null {
  const client = useQueryClient();
  if (object === 'account') return id;
  const record = client.getQueryData<RecordData>(['record', collection, id]);
  return typeof record?.account_id === 'number' ? record.account_id : null;
}

/** Contacts who took part: those of the customer first, others by searching. */
export function ContactPicker({
  field,
  account,
  value,
  onChange,
}: {
  field: FieldMeta;
  account: number | null;
  value: readonly Named[];
  onChange: (people: Named[]) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const own = useQuery({
    queryKey: ['choices', 'contacts', 'account', account],
    enabled: account !== null,
    staleTime: 30_000,
    queryFn: contactsWhere({ $filter: `account_id eq ${account}`, $orderby: 'name' }),
  });
  const found = useQuery({
    queryKey: ['choices', 'contacts', 'search', wanted],
    enabled: wanted !== '' || account === null,
    staleTime: 30_000,
    queryFn: contactsWhere(wanted ? { $search: wanted } : { $orderby: 'updated_at desc' }),
  });
  const near = (own.data ?? []).filter(({ name }) => name.includes(wanted));
  const others = (found.data ?? []).filter(({ id }) => !(own.data ?? []).some((c) => c.id === id));
  const known = [...(own.data ?? []), ...others, ...value];
  // Who was chosen before stays, also when no list names him.
  const kept = value.filter(({ id }) => ![...near, ...others].some((each) => each.id === id));
  const options = [
    { label: t('composer.contacts_here'), people: near },
    { label: t('composer.contacts_others'), people: others },
    { label: t('composer.contacts_chosen'), people: kept },
  ].flatMap(({ label, people }) =>
    people.length > 0
      ? [{ label, options: people.map(({ id, name }) => ({ value: id, label: name })) }]
      : [],
  );
  return (
    <Select<number[]>
      mode="multiple"
      style={{ width: '100%' }}
      value={value.map(({ id }) => id)}
      placeholder={field.label}
      aria-label={field.label}
      showSearch={{ filterOption: false, onSearch: setText }}
      loading={own.isFetching || found.isFetching}
      notFoundContent={t('common.nothing_found')}
      options={options}
      onChange={(ids) => {
        setText('');
        onChange(
          ids.flatMap((id) => {
            const person = known.find((each) => each.id === id);
            return person ? [{ id, name: person.name }] : [];
          }),
        );
      }}
    />
  );
}
