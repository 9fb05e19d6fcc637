import { Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import type { Import } from './api';
import type { ImportControl } from './useImport';

/** Which of the mapped references make what they name when nobody has it yet. */
export function MissingRecords({
  object,
  job,
  mapping,
  control,
}: {
  object: ObjectMeta;
  job: Import;
  mapping: Record<string, string | null>;
  control: ImportControl;
}) {
  const { t } = useTranslation();
  // Shown at once; the server follows.
  const [local, setLocal] = useState<string[]>();
  const mapped = new Set(Object.values(mapping));
  const fields = object.fields.filter(
    ({ name }) => job.creatable?.includes(name) && mapped.has(name),
  );
  if (fields.length === 0) return null;
  const chosen = local ?? job.settings.create_missing ?? [];
  const choose = async (names: string[]) => {
    setLocal(names);
    if (!(await control.change({ create_missing: names }))) setLocal(undefined);
  };
  return (
    <section className="card settings-card" aria-label={t('import.missing_records')}>
      <h2>{t('import.missing_records')}</h2>
      <p className="muted">{t('import.missing_records_text')}</p>
      <div className="stack">
        {fields.map((field) => (
          <Checkbox
            key={field.name}
            checked={chosen.includes(field.name)}
            onChange={(event) =>
              void choose(
                event.target.checked
                  ? [...chosen, field.name]
                  : chosen.filter((name) => name !== field.name),
              )
            }
          >
            {t('import.create_missing', { field: field.label })}
          </Checkbox>
        ))}
      </div>
    </section>
  );
}
