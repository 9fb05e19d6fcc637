import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { labelOf } from '@/record/fields/shared/choices';
import { Notice } from '@/ui/basics';

/** What to know before one calls: the person wants no calls, or is not there any more. */
export default function ContactNotice({
  object,
  record,
}: {
  object: ObjectMeta;
  record: RecordData;
}) {
  const { t } = useTranslation();
  const reason = object.fields.find(({ name }) => name === 'disable_reason');
  const why = reason && record.disable_reason ? labelOf(reason, record.disable_reason) : '';
  if (record.do_not_contact !== true && record.is_disabled !== true) return null;
  return (
    <div className="banner-notice">
      {record.do_not_contact === true && <Notice kind="warn">{t('record.do_not_contact')}</Notice>}
      {record.is_disabled === true && (
        <Notice kind="warn">{t('record.contact_disabled', { why })}</Notice>
      )}
    </div>
  );
}
