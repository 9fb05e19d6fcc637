import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { type FieldRuleName, type ObjectRights, withFieldRule } from './rights';

const rules: FieldRuleName[] = ['edit', 'read', 'hidden'];
const maskable = new Set(['text', 'phone', 'email', 'address', 'long_text']);
// Fields that the engine itself needs or fills.
const internal = new Set(['id', 'version', 'deleted_at', 'deleted_by']);

/** Which fields of one object a role may see, change, or see only in part. */
export default function FieldRules({
  object,
  rights,
  readOnly,
  onChange,
  onClose,
}: {
  object: ObjectMeta;
  rights: ObjectRights;
  readOnly: boolean;
  onChange: (rights: ObjectRights) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(rights);
  const fields = object.fields.filter((field) => !internal.has(field.name));
  return (
    <Modal
      open
      title={t('settings.field_rules_of', { object: object.label_plural })}
      width={640}
      okText={t('settings.apply')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: readOnly }}
      onCancel={onClose}
      onOk={() => {
        onChange(draft);
        onClose();
      }}
    >
      <p className="muted">{t('settings.field_rules_text')}</p>
      <section
        className="settings-scroll"
        tabIndex={0}
        aria-label={t('settings.field_rules_of', { object: object.label_plural })}
      >
        <table className="plain-table settings-table">
          <thead>
            <tr>
              <th scope="col">{t('settings.field')}</th>
              <th scope="col">{t('settings.rule')}</th>
              <th scope="col">{t('settings.mask')}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => {
              const rule = draft.fields.find((entry) => entry.field === field.name) ?? {
                field: field.name,
                rule: 'edit' as const,
                mask: false,
              };
              return (
                <tr key={field.name} data-set={rule.rule !== 'edit' || rule.mask || undefined}>
                  <th scope="row">{field.label}</th>
                  <td>
                    <Select<FieldRuleName>
                      style={{ width: 120 }}
                      aria-label={`${field.label} · ${t('settings.rule')}`}
                      disabled={readOnly}
                      value={rule.rule}
                      options={rules.map((name) => ({
                        value: name,
                        label: t(`settings.field_rule.${name}`),
                      }))}
                      onChange={(name) => setDraft(withFieldRule(draft, { ...rule, rule: name }))}
                    />
                  </td>
                  <td>
                    {maskable.has(field.type) && rule.rule !== 'hidden' && (
                      <input
                        type="checkbox"
                        aria-label={`${field.label} · ${t('settings.mask')}`}
                        disabled={readOnly}
                        checked={rule.mask}
                        onChange={(event) =>
                          setDraft(withFieldRule(draft, { ...rule, mask: event.target.checked }))
                        }
                      />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </Modal>
  );
}
