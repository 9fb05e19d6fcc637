import type { ObjectMeta, RecordData } from '@/api/types';
import { useFormat } from '@/ui/format';
import { kindOf } from '../fields/registry';

/** A few values of a record on one line, as on cards and in related lists. */
export function CardFacts({
  object,
  record,
  names,
}: {
  object: ObjectMeta;
  record: RecordData;
  names: readonly string[];
}) {
  const format = useFormat();
  return (
    <span className="card-facts">
      {names.map((name) => {
        const field = object.fields.find((candidate) => candidate.name === name);
        const value = record[name];
        if (!field || value === null || value === undefined || value === '') return null;
        const { Cell } = kindOf(field);
        return (
          <span key={name} className="card-fact" title={field.label}>
            {field.type === 'money' && typeof value === 'number' ? (
              <strong>
                {format.moneyShort(
                  value,
                  typeof record.currency === 'string' ? record.currency : undefined,
                )}
              </strong>
            ) : field.type === 'datetime' ? (
              format.relative(String(value))
            ) : (
              <Cell field={field} value={value} record={record} />
            )}
          </span>
        );
      })}
    </span>
  );
}
