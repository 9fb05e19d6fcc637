import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { GitBranch, Pencil } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { kindOf } from '@/record/fields/registry';
import { Empty, Notice, Pill } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { refreshSettings, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';
import { StageEditor } from './StageEditor';
import { draftOf, faultsOf, ordered, type StageDraft, saveStages, settled } from './stages';

/** Stages are edited in a draft, because only all of them together can be judged. */
function Stages({
  object,
  pipeline,
  rows,
}: {
  object: ObjectMeta;
  pipeline: RecordData;
  rows: RecordData[];
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const before = useMemo(() => ordered(rows.map(draftOf)), [rows]);
  const [draft, setDraft] = useState<StageDraft[] | null>(null);
  const [replacements, setReplacements] = useState<ReadonlyMap<number, number>>(new Map());
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (after: StageDraft[]) => {
    setBusy(true);
    setMessage(null);
    try {
      await saveStages(pipeline.id, before, after, settled(replacements));
      await refreshSettings(client, 'stages');
      setDraft(null);
      setReplacements(new Map());
      showToast({ kind: 'success', text: t('settings.stages_saved') });
    } catch (error) {
      await refreshSettings(client, 'stages');
      setMessage(
        isProblem(error)
          ? [error.message, ...error.fields.map((entry) => entry.message)].join(' ')
          : t('error.offline_kept'),
      );
    } finally {
      void client.invalidateQueries({ queryKey: ['board'] });
      setBusy(false);
    }
  };
  return (
    <>
      {message && <Notice kind="error">{message}</Notice>}
      <StageEditor
        object={object}
        stages={draft ?? before}
        onChange={setDraft}
        onReplace={(stage, replacement) =>
          setReplacements(new Map(replacements).set(stage, replacement))
        }
      />
      {draft && (
        <div className="settings-save">
          <span className="grow">{t('settings.unsaved')}</span>
          <Button
            onClick={() => {
              setDraft(null);
              setReplacements(new Map());
            }}
          >
            {t('settings.discard')}
          </Button>
          <Button
            type="primary"
            loading={busy}
            disabled={faultsOf(draft).length > 0}
            onClick={() => save(draft)}
          >
            {t('common.save')}
          </Button>
        </div>
      )}
    </>
  );
}

function Pipelines({ object, stage }: { object: ObjectMeta; stage: ObjectMeta }) {
  const { t } = useTranslation();
  const pipelines = useRows('pipelines', { orderby: 'position' });
  const stages = useRows('stages', { orderby: 'position' });
  const [chosen, setChosen] = useState<number | null>(null);
  const [editing, setEditing] = useState<RecordData | 'new' | null>(null);
  const rows = pipelines.data ?? [];
  const pipeline =
    rows.find((each) => each.id === chosen) ?? rows.find((each) => each.is_default) ?? rows[0];
  const mine = useMemo(
    () => (stages.data ?? []).filter((row) => row.pipeline_id === pipeline?.id),
    [stages.data, pipeline?.id],
  );
  const departmentField = object.fields.find(({ name }) => name === 'department_ids');
  const departments = departmentField && {
    field: departmentField,
    Cell: kindOf(departmentField).Cell,
  };
  const flags = ['can_skip', 'can_roll_back', 'can_reopen'];
  return (
    <>
      <SectionHead title={t('settings.section.pipelines')} text={t('settings.pipelines_text')}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing('new')}
        />
      </SectionHead>
      <RowsState query={pipelines} />
      {pipelines.data && rows.length === 0 && (
        <Empty
          icon={<GitBranch size={26} />}
          title={t('empty.none_title', { object: object.label_plural })}
          text={t('settings.pipelines_text')}
        />
      )}
      {pipeline && (
        <>
          <div className="settings-choices" role="group" aria-label={object.label_plural}>
            {rows.map((each) => (
              <button
                key={each.id}
                type="button"
                aria-pressed={each.id === pipeline.id}
                onClick={() => setChosen(each.id)}
              >
                {String(each.name)}
              </button>
            ))}
          </div>
          <div className="line settings-role">
            <h3>{String(pipeline.name)}</h3>
            {pipeline.is_default === true && <Pill color="blue">{t('settings.default')}</Pill>}
            {pipeline.is_active === false && <Pill>{t('settings.inactive')}</Pill>}
            {departments && Array.isArray(pipeline.department_ids) && (
              <departments.Cell
                field={departments.field}
                value={pipeline.department_ids}
                record={pipeline}
              />
            )}
            <span className="muted grow ellipsis">
              {flags
                .filter((name) => pipeline[name] === true)
                .map((name) => object.fields.find((field) => field.name === name)?.label)
                .join(' · ')}
            </span>
            <Button
              icon={<Pencil size={14} aria-hidden="true" />}
              onClick={() => setEditing(pipeline)}
            >
              {t('settings.edit')}
            </Button>
          </div>
          <RowsState query={stages} />
          {stages.data && (
            <Stages key={pipeline.id} object={stage} pipeline={pipeline} rows={mine} />
          )}
        </>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing === 'new' ? null : editing}
          fields={[
            'name',
            'department_ids',
            'is_default',
            'is_active',
            'can_skip',
            'can_roll_back',
            'can_reopen',
            'auto_close_days',
          ]}
          preset={{ is_active: true, can_skip: true, can_roll_back: true, can_reopen: true }}
          onClose={() => setEditing(null)}
          onSaved={(saved) => saved && setChosen(saved.id)}
        />
      )}
    </>
  );
}

export default function PipelineSettings() {
  const { model } = useRecordWorld();
  const object = model.object('pipeline');
  const stage = model.object('stage');
  return object && stage ? <Pipelines object={object} stage={stage} /> : null;
}
