import { Button, Input, Modal } from 'antd';
import { useId, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { BulkFailure, DuplicateHit, ObjectMeta, RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useRecordWorld } from '../context';
import { titleOf } from '../titles';
import { type BulkState, untold } from './BulkRun';
import { type BulkQuestion, showBulk } from './bulk';
import { RunProgress, TakeAlong } from './RunParts';

/** More would make the dialog slow; the file has all of them. */
const mostShown = 200;
const mostHits = 3;

/** What is there already, in the words of the server, which leaves out what is not for this person. */
function hitText(hit: DuplicateHit): string {
  return [hit.object_label, hit.name, hit.owner ?? hit.owner_text].filter(Boolean).join(' · ');
}

/** What stopped a record; likenesses only when there is nothing else. */
function hitTexts({ hits = [] }: BulkFailure): string[] {
  const sure = hits.filter(({ tier }) => tier !== 'F');
  return (sure.length > 0 ? sure : hits).slice(0, mostHits).map(hitText);
}

function Failures({
  question,
  failed,
}: {
  question: BulkQuestion;
  failed: readonly BulkFailure[];
}) {
  const { t } = useTranslation();
  const { hrefOf } = useRecordWorld();
  const { object, records } = question;
  const titles = useTitles(object, records);
  const shown = failed.slice(0, mostShown);
  return (
    <div className="bulk-failures" tabIndex={0} role="region" aria-label={t('bulk.failures')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{object.label}</th>
            <th scope="col">{t('bulk.why')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((failure) => (
            <tr key={failure.id}>
              <td>
                <a href={hrefOf(object.name, failure.id)} target="_blank" rel="noreferrer">
                  {titles.get(failure.id)}
                </a>
              </td>
              <td>
                {whyOf(failure, t('bulk.not_done'))}
                {hitTexts(failure).map((text) => (
                  <div key={text} className="muted">
                    {text}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {failed.length > shown.length && (
        <p className="muted bulk-rest">
          {t('bulk.more_failures', { count: failed.length - shown.length })}
        </p>
      )}
    </div>
  );
}

function useTitles(object: ObjectMeta, records: readonly RecordData[]): Map<number, string> {
  const { descriptor } = useRecordWorld();
  const better = descriptor(object.name)?.titleFields;
  return new Map(records.map((record) => [record.id, titleOf(object, record, better)]));
}

function whyOf({ code, message }: BulkFailure, notDone: string): string {
  return code === untold && message === '' ? notDone : message;
}

/** The reason that lets some of the failures pass; it is asked for once and goes for all of them. */
function AgainWithReason({ question, count }: { question: BulkQuestion; count: number }) {
  const { t } = useTranslation();
  const id = useId();
  const [reason, setReason] = useState('');
  const [isMissing, setMissing] = useState(false);
  const again = () => {
    if (reason.trim() === '') return setMissing(true);
    setReason('');
    void question.run.againWith(reason.trim()).then(question.tell);
  };
  return (
    <form
      className="field-line"
      data-error={isMissing || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        again();
      }}
    >
      <label htmlFor={id}>{t('bulk.reason', { count })}</label>
      <div className="line">
        <Input
          id={id}
          value={reason}
          status={isMissing ? 'error' : undefined}
          aria-describedby={isMissing ? `${id}-help` : undefined}
          onChange={(event) => {
            setReason(event.target.value);
            setMissing(false);
          }}
        />
        <Button type="primary" htmlType="submit">
          {t('bulk.again_with_reason', { count })}
        </Button>
      </div>
      {isMissing && (
        <p id={`${id}-help`} className="field-help" role="alert">
          {t('bulk.please_give_reason')}
        </p>
      )}
    </form>
  );
}

function Footer({ question, state }: { question: BulkQuestion; state: BulkState }) {
  const { t } = useTranslation();
  const { hrefOf } = useRecordWorld();
  const { run, object, label, records, undo, tell } = question;
  const titles = useTitles(object, records);
  const { ok, failed, isRunning, isStopping } = state;
  const untoldCount = failed.filter(({ code }) => code === untold).length;
  if (isRunning) {
    return (
      <Button disabled={isStopping} onClick={() => run.stop()}>
        {t('bulk.stop')}
      </Button>
    );
  }
  const rows = () => [
    [object.label, t('bulk.why'), t('bulk.address')],
    ...failed.map((failure) => [
      titles.get(failure.id) ?? '',
      [whyOf(failure, t('bulk.not_done')), ...hitTexts(failure)].join('; '),
      new URL(hrefOf(object.name, failure.id), window.location.href).href,
    ]),
  ];
  return (
    <div className="line form-buttons bulk-buttons">
      <TakeAlong rows={rows} file={t('bulk.file', { action: label })} />
      {undo && ok.length > 0 && (
        <Button
          onClick={() => {
            showBulk(null);
            void undo(ok);
          }}
        >
          {t('bulk.undo', { count: ok.length })}
        </Button>
      )}
      <span className="grow" />
      {untoldCount > 0 && (
        <Button type="primary" onClick={() => void run.retry().then(tell)}>
          {t('bulk.again', { count: untoldCount })}
        </Button>
      )}
      <Button onClick={() => showBulk(null)}>{t('common.close')}</Button>
    </div>
  );
}

/** How an action on many records goes on and how it ended: each that failed, why, and what can be done about it. */
export default function BulkDialog({ question }: { question: BulkQuestion }) {
  const { t } = useTranslation();
  const { run, label } = question;
  const state = useSyncExternalStore(run.subscribe, run.state);
  const { ok, failed, isRunning } = state;
  const wantReason = run.wantReason.length;
  return (
    <Modal
      open
      title={isRunning ? label : t('bulk.result_title', { action: label })}
      onCancel={() => !isRunning && showBulk(null)}
      closable={!isRunning}
      mask={{ closable: false }}
      width={640}
      zIndex={1100}
      footer={<Footer question={question} state={state} />}
    >
      <div className="stack">
        {isRunning && (
          <RunProgress
            label={label}
            done={state.done}
            total={state.total}
            isStopping={state.isStopping}
          />
        )}
        {!isRunning && failed.length > 0 && (
          <>
            <Notice kind="warn">
              {t('bulk.result', { ok: ok.length, failed: failed.length })}
            </Notice>
            <Failures question={question} failed={failed} />
            {wantReason > 0 && <AgainWithReason question={question} count={wantReason} />}
          </>
        )}
      </div>
    </Modal>
  );
}
