import { Drawer, Input, InputNumber } from 'antd';
import { ChevronDown, ChevronUp, Plus, Settings2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { isEditable } from '@/record/fields/registry';
import { labelOf } from '@/record/fields/shared/choices';
import { FieldForm } from '@/record/form/FieldForm';
import { Pill } from '@/ui/basics';
import { SortableRows } from '@/ui/sortable/Sortable';
import { asFieldChoice, ColourInput } from './parts';
import { ReplaceStage } from './ReplaceStage';
import { faultsOf, moveStage, ordered, type StageDraft } from './stages';

const endColours: Record<string, string> = { won: 'green', lost: 'red', invalid: 'gray' };

function StageDetails({
  object,
  stage,
  onChange,
  onClose,
}: {
  object: ObjectMeta;
  stage: StageDraft;
  onChange: (stage: StageDraft) => void;
  onClose: () => void;
}) {
  const { model } = useRecordWorld();
  const deal = model.object('opportunity');
  const field = (name: string, change: Partial<FieldMeta> = {}): FieldMeta => ({
    ...(object.fields.find((each) => each.name === name) as FieldMeta),
    ...change,
  });
  const open = stage.kind === 'open';
  const fields = [
    field('name'),
    field('color'),
    ...(open
      ? [
          field('probability'),
          field('rotting_days'),
          field(
            'required_fields',
            asFieldChoice((deal?.fields ?? []).filter((each) => isEditable(each))),
          ),
          field('key_activities'),
          field('is_optional'),
        ]
      : []),
  ];
  return (
    <Drawer open size={440} title={stage.name || object.label} onClose={onClose}>
      <FieldForm
        fields={fields}
        values={{ ...stage }}
        errors={[]}
        columns={1}
        inputs={{ color: ColourInput }}
        onChange={(name, value) => {
          const empty =
            name === 'name' ? '' : name === 'probability' || name === 'rotting_days' ? 0 : value;
          onChange({ ...stage, [name]: value ?? empty } as StageDraft);
        }}
      />
    </Drawer>
  );
}

/** The stages of one pipeline, as a draft of the caller. */
export function StageEditor({
  object,
  stages,
  onChange,
  onReplace,
}: {
  object: ObjectMeta;
  stages: StageDraft[];
  onChange: (stages: StageDraft[]) => void;
  /** A saved stage is removed; its opportunities go on in the other one. */
  onReplace: (stage: number, replacement: number) => void;
}) {
  const { t } = useTranslation();
  const [removing, setRemoving] = useState<StageDraft | null>(null);
  const [details, setDetails] = useState<number | null>(null);
  const faults = faultsOf(stages);
  const faultOf = (id: number) => faults.find((each) => each.id === id)?.fault;
  const kinds = object.fields.find((field) => field.name === 'kind') as FieldMeta;
  const label = (name: string) => object.fields.find((field) => field.name === name)?.label ?? name;
  const set = (stage: StageDraft) =>
    onChange(stages.map((each) => (each.id === stage.id ? stage : each)));
  const replacementsOf = (stage: StageDraft) =>
    stages.filter((each) => each.id > 0 && each.id !== stage.id && each.kind === stage.kind);
  const remove = (stage: StageDraft) => onChange(stages.filter((each) => each.id !== stage.id));
  const add = (kind: string) => {
    const open = stages.filter((stage) => stage.kind === 'open');
    const highest = open.at(-1)?.probability ?? 0;
    const id = Math.min(0, ...stages.map((stage) => stage.id)) - 1;
    const probability =
      kind === 'open' ? Math.min(100, highest + Math.max(1, Math.round((100 - highest) / 2))) : 0;
    onChange(
      ordered([
        ...stages,
        {
          id,
          name: '',
          kind,
          probability: kind === 'won' ? 100 : probability,
          color: endColours[kind] ?? 'blue',
          rotting_days: 0,
          required_fields: [],
          key_activities: [],
          is_optional: false,
        },
      ]),
    );
  };
  const shown = stages.find((stage) => stage.id === details);
  const openCount = stages.filter((stage) => stage.kind === 'open').length;
  return (
    <>
      <div className="card settings-table-box">
        <table className="plain-table settings-table stages">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">{t('settings.order')}</span>
              </th>
              <th scope="col">{label('name')}</th>
              <th scope="col">{label('kind')}</th>
              <th scope="col">{label('probability')}</th>
              <th scope="col">{label('rotting_days')}</th>
              <th scope="col">{t('settings.stage_rules')}</th>
              <th scope="col">
                <span className="sr-only">{t('common.more')}</span>
              </th>
            </tr>
          </thead>
          <SortableRows
            name="stages"
            items={stages}
            keyOf={(stage) => stage.id}
            fixed={(stage) => stage.kind !== 'open'}
            handleLabel={(stage) => t('settings.move', { name: stage.name })}
            onMove={(from, to) => onChange(moveStage(stages, from, to))}
          >
            {(stage, index) => {
              const fault = faultOf(stage.id);
              return (
                <>
                  <td>
                    <Input
                      className="stage-name"
                      aria-label={`${label('name')} ${index + 1}`}
                      value={stage.name}
                      maxLength={80}
                      status={fault === 'no_name' ? 'error' : undefined}
                      placeholder={label('name')}
                      onChange={(event) => set({ ...stage, name: event.target.value })}
                    />
                  </td>
                  <td>
                    <Pill dot color={stage.kind === 'open' ? stage.color : endColours[stage.kind]}>
                      {labelOf(kinds, stage.kind)}
                    </Pill>
                  </td>
                  <td>
                    {stage.kind === 'open' ? (
                      <InputNumber<number>
                        aria-label={`${label('probability')} ${stage.name}`}
                        style={{ width: 84 }}
                        min={0}
                        max={100}
                        precision={0}
                        suffix="%"
                        controls={false}
                        value={stage.probability}
                        status={fault === 'not_rising' ? 'error' : undefined}
                        onChange={(value) => set({ ...stage, probability: value ?? 0 })}
                      />
                    ) : (
                      <span className="muted">{stage.probability}%</span>
                    )}
                  </td>
                  <td>
                    {stage.kind === 'open' && (
                      <InputNumber<number>
                        aria-label={`${label('rotting_days')} ${stage.name}`}
                        style={{ width: 84 }}
                        min={0}
                        max={365}
                        precision={0}
                        controls={false}
                        value={stage.rotting_days}
                        onChange={(value) => set({ ...stage, rotting_days: value ?? 0 })}
                      />
                    )}
                  </td>
                  <td className="muted">
                    {[
                      stage.required_fields.length > 0 &&
                        t('settings.required_count', { count: stage.required_fields.length }),
                      stage.key_activities.length > 0 &&
                        t('settings.activities_count', { count: stage.key_activities.length }),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </td>
                  <td className="settings-menu-cell">
                    <span className="line">
                      {stage.kind === 'open' && (
                        <span className="stage-arrows">
                          <button
                            type="button"
                            className="icon-button"
                            aria-label={t('settings.move_up', { name: stage.name })}
                            disabled={index === 0}
                            onClick={() => onChange(moveStage(stages, index, index - 1))}
                          >
                            <ChevronUp size={15} aria-hidden="true" />
                          </button>
                          <button
                            type="button"
                            className="icon-button"
                            aria-label={t('settings.move_down', { name: stage.name })}
                            disabled={index === openCount - 1}
                            onClick={() => onChange(moveStage(stages, index, index + 1))}
                          >
                            <ChevronDown size={15} aria-hidden="true" />
                          </button>
                        </span>
                      )}
                      <button
                        type="button"
                        className="icon-button"
                        aria-label={t('settings.stage_details', { name: stage.name })}
                        title={t('settings.stage_details', { name: stage.name })}
                        onClick={() => setDetails(stage.id)}
                      >
                        <Settings2 size={15} aria-hidden="true" />
                      </button>
                      <button
                        type="button"
                        className="icon-button"
                        aria-label={t('settings.delete_of', { name: stage.name })}
                        title={t('common.delete')}
                        onClick={() =>
                          stage.id > 0 && replacementsOf(stage).length > 0
                            ? setRemoving(stage)
                            : remove(stage)
                        }
                      >
                        <Trash2 size={15} aria-hidden="true" />
                      </button>
                    </span>
                  </td>
                </>
              );
            }}
          </SortableRows>
        </table>
        <div className="line settings-add">
          <button type="button" className="link-button line" onClick={() => add('open')}>
            <Plus size={14} aria-hidden="true" />
            {t('settings.add_stage')}
          </button>
          {['won', 'lost', 'invalid']
            .filter((kind) => !stages.some((stage) => stage.kind === kind))
            .map((kind) => (
              <button
                key={kind}
                type="button"
                className="link-button line"
                onClick={() => add(kind)}
              >
                <Plus size={14} aria-hidden="true" />
                {labelOf(kinds, kind)}
              </button>
            ))}
        </div>
      </div>
      {faults.length > 0 && (
        <ul className="settings-faults" role="alert">
          {[...new Set(faults.map(({ fault }) => fault))].map((fault) => (
            <li key={fault}>{t(`settings.stage_fault.${fault}`)}</li>
          ))}
        </ul>
      )}
      {removing && (
        <ReplaceStage
          stage={removing}
          choices={replacementsOf(removing)}
          onClose={() => setRemoving(null)}
          onChosen={(replacement) => {
            onReplace(removing.id, replacement);
            remove(removing);
            setRemoving(null);
          }}
        />
      )}
      {shown && (
        <StageDetails
          object={object}
          stage={shown}
          onChange={set}
          onClose={() => setDetails(null)}
        />
      )}
    </>
  );
}
