import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Switch } from 'antd';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, put } from '@/api/client';
import { isProblem } from '@/api/problem';
import type { Language } from '@/api/types';
import { Notice } from '@/ui/basics';
import { ColourPicker } from '@/ui/ColourPicker';
import { moved, SortableRows } from '@/ui/sortable/Sortable';
import { showToast } from '@/ui/toast';
import { RowsState, SectionHead } from './parts';

interface Choice {
  value: string;
  label: Record<Language, string>;
  color: string | null;
  active: boolean;
  /** Only new ones may be taken out: records hold the others. */
  isNew?: boolean;
  key?: string;
}

type Picklists = Record<string, { options: Choice[] }>;

const languages: Language[] = ['zh-CN', 'zh-TW', 'en'];

/** The lists that the program brings have names in the texts; others go by their own. */
const named = new Set([
  'business_type',
  'account_level',
  'activity_method',
  'activity_outcome',
  'company_size',
  'decision_role',
  'disable_reason',
  'industry',
  'invalid_reason',
  'lead_source',
  'loss_reason',
  'opportunity_invalid_reason',
  'return_reason',
]);

function Options({ name, initial }: { name: string; initial: Choice[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Choice[] | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const options = draft ?? initial;
  const set = (at: number, change: Partial<Choice>) =>
    setDraft(options.map((option, index) => (index === at ? { ...option, ...change } : option)));
  const empty = options.some((option) => option.label['zh-CN'].trim() === '');

  const save = async () => {
    setBusy(true);
    setMessage(null);
    try {
      const taken = new Set(options.filter((each) => !each.isNew).map((each) => each.value));
      const body = options.map(({ isNew, key, ...option }) => {
        const label = { ...option.label };
        for (const language of languages) label[language] ||= label['zh-CN'];
        let { value } = option;
        if (isNew) {
          let number = taken.size + 1;
          while (taken.has(`option_${number}`)) number++;
          value = `option_${number}`;
          taken.add(value);
        }
        return { ...option, value, label, color: option.color ?? '' };
      });
      await put(`/picklists/${name}`, { options: body });
      await client.invalidateQueries({ queryKey: ['settings', 'picklists'] });
      void client.invalidateQueries({ queryKey: ['meta'] });
      setDraft(null);
      showToast({ kind: 'success', text: t('settings.picklist_saved') });
    } catch (error) {
      setMessage(
        isProblem(error)
          ? [error.message, ...error.fields.map((entry) => entry.message)].join(' ')
          : t('error.offline_kept'),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {message && <Notice kind="error">{message}</Notice>}
      <div className="card settings-table-box">
        <table className="plain-table settings-table picklist">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">{t('settings.order')}</span>
              </th>
              {languages.map((language) => (
                <th key={language} scope="col">
                  {t(`settings.language.${language.replace('-', '_')}`)}
                </th>
              ))}
              <th scope="col">{t('settings.colour_title')}</th>
              <th scope="col">{t('settings.active')}</th>
              <th scope="col">
                <span className="sr-only">{t('common.more')}</span>
              </th>
            </tr>
          </thead>
          <SortableRows
            name={`picklist.${name}`}
            items={options}
            keyOf={(option) => option.key ?? option.value}
            handleLabel={(option) => t('settings.move', { name: option.label['zh-CN'] })}
            onMove={(from, to) => setDraft(moved(options, from, to))}
          >
            {(option, at) => (
              <>
                {languages.map((language) => (
                  <td key={language}>
                    <Input
                      lang={language}
                      aria-label={`${t(`settings.language.${language.replace('-', '_')}`)} ${at + 1}`}
                      value={option.label[language]}
                      maxLength={60}
                      autoFocus={option.isNew && language === 'zh-CN'}
                      status={
                        language === 'zh-CN' && option.label['zh-CN'].trim() === ''
                          ? 'error'
                          : undefined
                      }
                      placeholder={language === 'zh-CN' ? undefined : option.label['zh-CN']}
                      onChange={(event) =>
                        set(at, { label: { ...option.label, [language]: event.target.value } })
                      }
                    />
                  </td>
                ))}
                <td>
                  <ColourPicker
                    value={option.color || null}
                    label={`${t('settings.colour_title')} ${at + 1}`}
                    names={(colour) => t(`settings.colour.${colour}`)}
                    onChange={(color) => set(at, { color })}
                  />
                </td>
                <td>
                  <Switch
                    size="small"
                    aria-label={`${t('settings.active')} ${option.label['zh-CN'] || at + 1}`}
                    checked={option.active}
                    onChange={(active) => set(at, { active })}
                  />
                </td>
                <td className="settings-menu-cell">
                  {option.isNew && (
                    <button
                      type="button"
                      className="icon-button"
                      aria-label={t('settings.delete_of', { name: option.label['zh-CN'] })}
                      onClick={() => setDraft(options.filter((_, index) => index !== at))}
                    >
                      <Trash2 size={15} aria-hidden="true" />
                    </button>
                  )}
                </td>
              </>
            )}
          </SortableRows>
        </table>
        <div className="settings-add">
          <button
            type="button"
            className="link-button line"
            onClick={() =>
              setDraft([
                ...options,
                {
                  value: '',
                  key: crypto.randomUUID(),
                  label: { 'zh-CN': '', 'zh-TW': '', en: '' },
                  color: null,
                  active: true,
                  isNew: true,
                },
              ])
            }
          >
            <Plus size={14} aria-hidden="true" />
            {t('settings.add_option')}
          </button>
        </div>
      </div>
      {draft && (
        <div className="settings-save">
          <span className="grow">{t('settings.unsaved')}</span>
          <Button onClick={() => setDraft(null)}>{t('settings.discard')}</Button>
          <Button type="primary" loading={busy} disabled={empty} onClick={save}>
            {t('common.save')}
          </Button>
        </div>
      )}
    </>
  );
}

export default function PicklistSettings() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('industry');
  const query = useQuery({
    queryKey: ['settings', 'picklists'],
    queryFn: () => get<Picklists>('/picklists'),
  });
  const label = (name: string) => (named.has(name) ? t(`settings.picklist.${name}`) : name);
  const names = Object.keys(query.data ?? {});
  const name = names.includes(chosen) ? chosen : names[0];
  return (
    <>
      <SectionHead title={t('settings.section.picklists')} text={t('settings.picklists_text')} />
      <RowsState query={query} />
      {query.data && name && (
        <>
          <div
            className="settings-choices"
            role="group"
            aria-label={t('settings.section.picklists')}
          >
            {names.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === name}
                onClick={() => setChosen(each)}
              >
                {label(each)}
              </button>
            ))}
          </div>
          <Options key={name} name={name} initial={query.data[name].options} />
        </>
      )}
    </>
  );
}
