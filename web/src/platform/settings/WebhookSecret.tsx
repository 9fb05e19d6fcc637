import { Button, Input, type InputRef, Modal } from 'antd';
import { Copy, RefreshCw } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { RowsState } from './parts';
import { useSecret } from './useWebhooks';
import type { Webhook } from './webhooks';

/** What every message brings along, and what the receiver checks it by. */
const headers = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

const formula = '"v1," + base64(HMAC-SHA256(key, id + "." + timestamp + "." + body))';

/** The key that the messages are signed with: to be copied to the receiver, or renewed. */
export default function WebhookSecret({
  webhook,
  isNew,
  onClose,
}: {
  webhook: Webhook;
  /** It has just been made: the receiver is to be set up. */
  isNew: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<InputRef>(null);
  const { query, renew } = useSecret(webhook.id);
  const [asking, setAsking] = useState(false);
  const copy = async () => {
    // Browsers give pages without HTTPS no clipboard: what is selected can be copied by hand.
    box.current?.select();
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(query.data ?? '');
    showToast({ kind: 'success', text: t('webhook.copied') });
  };
  return (
    <Modal
      open
      width={560}
      title={t('webhook.secret_of', { name: webhook.name })}
      footer={<Button onClick={onClose}>{t('common.close')}</Button>}
      onCancel={onClose}
    >
      <div className="stack">
        {isNew && <Notice kind="success">{t('webhook.secret_new')}</Notice>}
        <RowsState query={query} />
        {query.data !== undefined && (
          <div className="field-line">
            <label htmlFor={id}>{t('webhook.secret')}</label>
            <span className="line webhook-secret-line">
              <Input
                ref={box}
                id={id}
                readOnly
                className="webhook-secret grow"
                value={query.data}
                aria-describedby={`${id}-help`}
                onFocus={(event) => event.target.select()}
              />
              <Button icon={<Copy size={14} aria-hidden="true" />} onClick={() => void copy()}>
                {t('common.copy')}
              </Button>
              <Button
                danger
                icon={<RefreshCw size={14} aria-hidden="true" />}
                onClick={() => setAsking(true)}
              >
                {t('webhook.renew')}
              </Button>
            </span>
            <p id={`${id}-help`} className="field-help">
              {t('webhook.secret_help')}
            </p>
          </div>
        )}
        <section className="webhook-check" aria-label={t('webhook.check_title')}>
          <h3>{t('webhook.check_title')}</h3>
          <p className="muted">{t('webhook.check_text')}</p>
          <pre>{formula}</pre>
          <dl className="settings-facts">
            {headers.map((header) => (
              <div key={header}>
                <dt>
                  <code>{header}</code>
                </dt>
                <dd>{t(`webhook.check_header.${header.slice('webhook-'.length)}`)}</dd>
              </div>
            ))}
          </dl>
          <p className="muted">{t('webhook.check_answer')}</p>
        </section>
      </div>
      <Modal
        open={asking}
        title={t('webhook.renew_title')}
        okText={t('webhook.renew')}
        okButtonProps={{ danger: true, loading: renew.isPending }}
        cancelText={t('common.cancel')}
        onCancel={() => setAsking(false)}
        onOk={() =>
          renew.mutate(undefined, {
            onSuccess: () => {
              setAsking(false);
              showToast({ kind: 'success', text: t('webhook.renewed') });
            },
          })
        }
        width={440}
      >
        <div className="stack">
          {renew.error && <Notice kind="error">{renew.error.message}</Notice>}
          <p>{t('webhook.renew_text')}</p>
        </div>
      </Modal>
    </Modal>
  );
}
