import { Button } from 'antd';
import { Lock, SearchX, Sparkles, Upload } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Empty } from '@/ui/basics';
import { useRecordWorld } from '../context';

/** The reasons for an empty list, each with what to do about it. */
export function ListEmpty({
  object,
  forbidden,
  narrowed,
  pool,
  importHref,
  onClear,
  onOwn,
}: {
  object: ObjectMeta;
  forbidden: boolean;
  narrowed: boolean;
  pool: boolean;
  importHref?: string;
  onClear: () => void;
  /** Leaves the pool for the records that somebody owns. */
  onOwn: () => void;
}) {
  const { t } = useTranslation();
  const { create, descriptor } = useRecordWorld();
  const own = descriptor(object.name)?.emptyTexts;
  const names = object.label_plural;
  if (forbidden) {
    return (
      <Empty
        icon={<Lock size={26} />}
        title={t('empty.forbidden_title')}
        text={t('empty.forbidden_text', { object: names })}
      >
        <Button href="/">{t('error.go_home')}</Button>
      </Empty>
    );
  }
  if (narrowed && !own) {
    return (
      <Empty
        icon={<SearchX size={26} />}
        title={t('empty.no_match_title')}
        text={t('empty.no_match_text')}
      >
        <Button type="primary" onClick={onClear}>
          {t('empty.clear')}
        </Button>
      </Empty>
    );
  }
  if (pool) {
    return (
      <Empty
        icon={<Sparkles size={26} />}
        title={t('empty.pool_title')}
        text={t('empty.pool_text')}
      >
        <Button onClick={onOwn}>{t('empty.leave_pool', { object: names })}</Button>
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Sparkles size={26} />}
      title={own ? t(own.title) : t('empty.none_title', { object: names })}
      text={own ? t(own.text) : t('empty.none_text', { object: object.label })}
    >
      {object.rights.includes('create') && (
        <Button type="primary" onClick={() => create(object.name)}>
          {t('record.new', { object: object.label })}
        </Button>
      )}
      {importHref && object.rights.includes('import') && (
        <Button href={importHref} icon={<Upload size={14} aria-hidden="true" />}>
          {t('list.import')}
        </Button>
      )}
    </Empty>
  );
}
