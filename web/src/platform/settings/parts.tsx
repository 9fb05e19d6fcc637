import { Button } from 'antd';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta } from '@/api/types';
import type { InputProps } from '@/record/fields/kind';
import { Bones } from '@/ui/basics';
import { ColourPicker } from '@/ui/ColourPicker';

/** The head of one part of the settings: what it is, and the one thing that is done most. */
export function SectionHead({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children?: ReactNode;
}) {
  return (
    <header className="settings-head">
      <div className="grow">
        <h2>{title}</h2>
        {text && <p className="muted">{text}</p>}
      </div>
      {children}
    </header>
  );
}

export function NewButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button type="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={onClick}>
      {label}
    </Button>
  );
}

/** What stands in place of rows: bones while they load, the reason when they did not come. */
export function RowsState({
  query,
}: {
  query: { isPending: boolean; error: Error | null; refetch: () => unknown };
}) {
  const { t } = useTranslation();
  if (query.error) {
    return (
      <div className="empty" role="alert">
        <h3>{t('list.failed')}</h3>
        <p>{query.error.message}</p>
        <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
      </div>
    );
  }
  return query.isPending ? (
    <div className="settings-wait" aria-busy="true">
      <Bones rows={6} />
    </div>
  ) : null;
}

/** What can be done to a row of a settings table: the cell at its end. */
export function RowButtons({
  name,
  onEdit,
  onDelete,
}: {
  name: string;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  return (
    <td className="settings-menu-cell">
      <span className="line">
        <button
          type="button"
          className="icon-button"
          aria-label={t('settings.edit_of', { name })}
          onClick={onEdit}
        >
          <Pencil size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('settings.delete_of', { name })}
          onClick={onDelete}
        >
          <Trash2 size={15} aria-hidden="true" />
        </button>
      </span>
    </td>
  );
}

/** The colour of a tag or a stage, as an input of a form. */
export function ColourInput(props: InputProps) {
  const { t } = useTranslation();
  return (
    <ColourPicker
      id={props.id}
      value={typeof props.value === 'string' ? props.value : null}
      label={props.label ?? props.field.label}
      names={(colour) => t(`settings.colour.${colour}`)}
      onChange={(value) => props.onChange(value)}
    />
  );
}

/** A field that holds names of fields, as a choice among the fields of an object. */
export function asFieldChoice(fields: readonly FieldMeta[]): Partial<FieldMeta> {
  return {
    type: 'multi_select',
    options: fields.map((field) => ({ value: field.name, label: field.label })),
  };
}
