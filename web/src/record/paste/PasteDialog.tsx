import { Button, Modal } from 'antd';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { RunProgress, TakeAlong } from '../bulk/RunParts';
import type { PasteState, RefusedCell } from './PasteRun';
import { type PasteQuestion, showPaste } from './paste';

/** More would make the dialog slow; the copy and the file have all of them. */
const mostShown = 200;

function RefusedCells({ cells, label }: { cells: readonly RefusedCell[]; label: string }) {
  const { t } = useTranslation();
  const shown = cells.slice(0, mostShown);
  return (
    <div className="bulk-failures" tabIndex={0} role="region" aria-label={t('grid.paste_refused')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('grid.paste_row')}</th>
            <th scope="col">{label}</th>
            <th scope="col">{t('grid.paste_column')}</th>
            <th scope="col">{t('grid.paste_value')}</th>
            <th scope="col">{t('bulk.why')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((cell) => (
            <tr key={`${cell.row} ${cell.column}`}>
              <td>{cell.row}</td>
              <td>{cell.title}</td>
              <td className="paste-column">{cell.column}</td>
              <td className="paste-value">{cell.value}</td>
              <td>{cell.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {cells.length > shown.length && (
        <p className="muted bulk-rest">
          {t('grid.paste_more', { count: cells.length - shown.length })}
        </p>
      )}
    </div>
  );
}

function Footer({ question, state }: { question: PasteQuestion; state: PasteState }) {
  const { t } = useTranslation();
  const { run, label, undo } = question;
  const { written, refused, isRunning, isStopping } = state;
  if (isRunning) {
    return (
      <Button disabled={isStopping} onClick={() => run.stop()}>
        {t('bulk.stop')}
      </Button>
    );
  }
  const rows = () => [
    [t('grid.paste_row'), label, t('grid.paste_column'), t('grid.paste_value'), t('bulk.why')],
    ...refused.map(({ row, title, column, value, reason }) => [
      String(row),
      title,
      column,
      value,
      reason,
    ]),
  ];
  return (
    <div className="line form-buttons bulk-buttons">
      <TakeAlong rows={rows} file={t('grid.paste_file')} />
      {written > 0 && (
        <Button
          onClick={() => {
            showPaste(null);
            undo();
          }}
        >
          {t('grid.paste_undo', { count: written })}
        </Button>
      )}
      <span className="grow" />
      <Button type="primary" onClick={() => showPaste(null)}>
        {t('common.close')}
      </Button>
    </div>
  );
}

/** How a paste goes on, and each cell that was not written: where, what and why. */
export default function PasteDialog({ question }: { question: PasteQuestion }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { run, label } = question;
  const state = useSyncExternalStore(run.subscribe, run.state);
  const { written, refused, done, total, isRunning, isStopping } = state;
  return (
    <Modal
      open
      title={isRunning ? t('grid.paste') : t('grid.paste_title')}
      onCancel={() => !isRunning && showPaste(null)}
      closable={!isRunning}
      mask={{ closable: false }}
      width={760}
      zIndex={1100}
      footer={<Footer question={question} state={state} />}
    >
      {isRunning ? (
        <RunProgress label={t('grid.paste')} done={done} total={total} isStopping={isStopping} />
      ) : (
        <div className="stack">
          <Notice kind="warn">
            {t('grid.paste_result', {
              written: format.number(written),
              refused: format.number(refused.length),
            })}
          </Notice>
          <RefusedCells cells={refused} label={label} />
        </div>
      )}
    </Modal>
  );
}
