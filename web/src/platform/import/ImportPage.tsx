import { useQueryClient } from '@tanstack/react-query';
import { Button, Tooltip } from 'antd';
import { Check, FileQuestion, Lock } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty, Notice } from '@/ui/basics';
import { type Import, isOver, isRunning } from './api';
import { CheckStep } from './CheckStep';
import { DoneStep } from './DoneStep';
import { MappingStep } from './MappingStep';
import { companionsOf, mappedTwice, mappingOf, unfilled, unfilledBeside } from './mapping';
import { PreviewStep } from './PreviewStep';
import { type ImportSearch, type Step, steps } from './steps';
import { UploadStep } from './UploadStep';
import { useImport } from './useImport';

/** The step that an import is at, when the address does not say. */
function stepOf(job: Import): Step {
  if (job.status === 'uploaded') return 'preview';
  if (job.status === 'validating' || job.status === 'validated') return 'check';
  return 'run';
}

/** The steps as a line; those that are reachable can be gone back to. */
function StepLine({
  step,
  reachable,
  onStep,
}: {
  step: Step;
  reachable: (step: Step) => boolean;
  onStep: (step: Step) => void;
}) {
  const { t } = useTranslation();
  const at = steps.indexOf(step);
  return (
    <ol className="import-steps" aria-label={t('import.steps')}>
      {steps.map((each, index) => (
        <li key={each} data-past={index < at || undefined}>
          <button
            type="button"
            aria-current={each === step ? 'step' : undefined}
            disabled={each !== step && !reachable(each)}
            onClick={() => onStep(each)}
          >
            <span className="import-step-number" aria-hidden="true">
              {index < at ? <Check size={13} strokeWidth={3} /> : index + 1}
            </span>
            <span className="import-step-name">{t(`import.step.${each}`)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function Job({
  object,
  id,
  step: wanted,
  onStep,
  onList,
  onAgain,
}: {
  object: ObjectMeta;
  id: number;
  step: Step | undefined;
  onStep: (step: Step, replace?: boolean) => void;
  onList: () => void;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { model } = useRecordWorld();
  const control = useImport(id);
  const { job } = control;
  const status = job?.status;

  // Whoever comes back to an import that runs or is over sees that, whatever the address says.
  const step: Step | undefined = !job
    ? undefined
    : job.status === 'applying' || isOver(job.status)
      ? 'run'
      : job.status === 'validating'
        ? 'check'
        : (wanted ?? stepOf(job));

  const before = useRef(status);
  useEffect(() => {
    if (before.current === 'applying' && status && status !== 'applying') {
      void client.invalidateQueries({ queryKey: ['list', object.collection] });
      void client.invalidateQueries({ queryKey: ['imports'] });
      void client.invalidateQueries({ queryKey: ['workbench'] });
    }
    before.current = status;
  }, [status, client, object.collection]);

  if (control.query.isError) {
    return (
      <Empty
        icon={<FileQuestion size={26} />}
        title={t('import.gone')}
        text={control.query.error.message}
      >
        <Button onClick={onAgain}>{t('import.again')}</Button>
      </Empty>
    );
  }
  if (!job || !step) {
    return (
      <div className="settings-wait" aria-busy="true">
        <Bones rows={6} />
      </div>
    );
  }
  const mapping = mappingOf(job);
  const update = job.settings.mode === 'update';
  const companions = companionsOf(job, model);
  const missing = update
    ? []
    : [
        ...unfilled(object, mapping, job.settings.defaults ?? {}).map((field) => field.label),
        ...unfilledBeside(companions, mapping).map(
          ({ companion, field }) => `${companion.object.label} · ${field.label}`,
        ),
      ];
  const ready =
    missing.length === 0 &&
    mappedTwice(object, mapping, companions).size === 0 &&
    Object.values(mapping).some(Boolean) &&
    (!update || Boolean(job.settings.key));
  const locked = isRunning(job.status) || isOver(job.status);
  const reachable = (each: Step) =>
    !locked &&
    (each === 'preview' ||
      each === 'mapping' ||
      (each === 'check' && job.status === 'validated') ||
      (each === 'run' && job.status === 'failed'));
  const check = async () => {
    // What was guessed becomes what was chosen, so that it is remembered for the next file.
    if (!job.settings.mapping && !(await control.change({ mapping }))) return;
    onStep('check');
    await control.validate();
  };
  const begin = async (rows: 'all_or_nothing' | 'good_rows') => {
    if (await control.apply(rows)) onStep('run');
  };
  const { counts } = job;
  // Rows that are taken for duplicates are written too when somebody said so.
  const writes = counts.good + (job.settings.duplicates === 'skip' ? 0 : counts.duplicates);
  return (
    <>
      <StepLine
        step={step}
        reachable={(each) => (each === 'file' ? !isRunning(job.status) : reachable(each))}
        onStep={(each) => (each === 'file' ? onAgain() : onStep(each))}
      />
      <p className="muted ellipsis import-file">{job.file_name}</p>
      {control.message && <Notice kind="error">{control.message}</Notice>}
      {step === 'preview' && <PreviewStep job={job} control={control} />}
      {step === 'mapping' && <MappingStep object={object} job={job} control={control} />}
      {step === 'check' && <CheckStep object={object} job={job} control={control} />}
      {step === 'run' && (
        <DoneStep object={object} job={job} control={control} onList={onList} onAgain={onAgain} />
      )}
      {!locked && step !== 'run' && (
        <div className="settings-save import-buttons">
          <Button
            onClick={() => {
              if (step === 'preview') onAgain();
              else onStep(step === 'mapping' ? 'preview' : 'mapping');
            }}
          >
            {t('import.back')}
          </Button>
          <span className="grow">
            {step === 'mapping' && missing.length > 0 && (
              <span className="import-missing">
                {t('import.missing', {
                  fields: missing.join(t('common.list_separator')),
                })}
              </span>
            )}
          </span>
          {step === 'preview' && (
            <Button type="primary" disabled={control.busy} onClick={() => onStep('mapping')}>
              {t('import.next')}
            </Button>
          )}
          {step === 'mapping' && (
            <Button type="primary" loading={control.busy} disabled={!ready} onClick={check}>
              {t('import.check')}
            </Button>
          )}
          {step === 'check' && job.status === 'uploaded' && (
            <Button type="primary" loading={control.busy} onClick={() => control.validate()}>
              {t('import.check')}
            </Button>
          )}
          {step === 'check' && job.status === 'validated' && (
            <>
              {counts.bad > 0 && (
                <Tooltip title={t('import.all_or_nothing_text')}>
                  <Button disabled>{t('import.all_or_nothing')}</Button>
                </Tooltip>
              )}
              <Button
                type="primary"
                loading={control.busy}
                disabled={writes === 0}
                onClick={() => begin(counts.bad > 0 ? 'good_rows' : 'all_or_nothing')}
              >
                {t(counts.bad > 0 ? 'import.apply_good' : 'import.apply_all', { count: writes })}
              </Button>
            </>
          )}
        </div>
      )}
      {step === 'run' && job.status === 'failed' && (
        <div className="settings-save import-buttons">
          <Button onClick={() => onStep('mapping')}>{t('import.back')}</Button>
          <span className="grow" />
          <Button type="primary" loading={control.busy} onClick={check}>
            {t('import.check_again')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Brings the rows of a file in, step by step; every step can be gone back to without loss. */
export default function ImportPage({
  search,
  onSearch,
  onList,
}: {
  search: ImportSearch;
  onSearch: (search: ImportSearch, replace?: boolean) => void;
  onList: (object: ObjectMeta) => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { model, descriptors } = useRecordWorld();
  const known = new Set(descriptors.map((each) => each.object));
  const objects = model.objects.filter(
    (each) => each.rights.includes('import') && known.has(each.name),
  );
  const object =
    model.objects.find((each) => each.name === search.object && each.rights.includes('import')) ??
    objects[0];
  if (!object) {
    return (
      <Empty
        icon={<Lock size={26} />}
        title={t('empty.forbidden_title')}
        text={t('import.forbidden_text')}
      />
    );
  }
  const open = (job: Import) => {
    client.setQueryData(['import', job.id], (before: Import | undefined) =>
      job.preview ? job : before,
    );
    onSearch({ object: object.name, id: job.id });
  };
  return (
    <div className="page import-page">
      <header className="page-bar">
        <h1>{t('import.title', { object: object.label_plural })}</h1>
      </header>
      <div className="import-scroll">
        <div className="import">
          {search.id === undefined ? (
            <>
              <StepLine step="file" reachable={() => false} onStep={() => {}} />
              <UploadStep
                objects={
                  objects.some((each) => each.name === object.name) ? objects : [object, ...objects]
                }
                object={object}
                onObject={(name) => onSearch({ object: name }, true)}
                onUploaded={(job) => {
                  void client.invalidateQueries({ queryKey: ['imports'] });
                  open(job);
                }}
                onOpen={open}
              />
            </>
          ) : (
            <Job
              key={search.id}
              object={object}
              id={search.id}
              step={search.step}
              onStep={(step, replace) =>
                onSearch({ object: object.name, id: search.id, step }, replace)
              }
              onList={() => onList(object)}
              onAgain={() => onSearch({ object: object.name })}
            />
          )}
        </div>
      </div>
    </div>
  );
}
