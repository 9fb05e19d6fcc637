import { ArrowLeft, Lock } from 'lucide-react';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { usePhone } from '@/ui/useMedia';
import { groups, openSections } from './sections';

/** The list of sections and the open one; on the phone one after the other. */
export default function SettingsPage({
  section: key,
  hrefOf,
  onSection,
}: {
  section: string | undefined;
  hrefOf: (section: string) => string;
  onSection: (section: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const { user } = useSession();
  const { model } = useRecordWorld();
  const open = openSections((object, right) => model.can(object, right), user.is_admin);
  const section = open.find((each) => each.key === key) ?? (phone ? undefined : open[0]);
  if (open.length === 0) {
    return (
      <Empty
        icon={<Lock size={26} />}
        title={t('empty.forbidden_title')}
        text={t('settings.forbidden_text')}
        isPage
      />
    );
  }
  const navigation = (
    <nav className="settings-nav" aria-label={t('settings.title')}>
      {groups.map((group) => {
        const mine = open.filter((each) => each.group === group);
        if (mine.length === 0) return null;
        return (
          <div key={group}>
            <p className="settings-group">{t(`settings.group.${group}`)}</p>
            <ul>
              {mine.map((each) => (
                <li key={each.key}>
                  <a
                    href={hrefOf(each.key)}
                    aria-current={each.key === section?.key ? 'page' : undefined}
                    onClick={(event) => {
                      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                      event.preventDefault();
                      onSection(each.key);
                    }}
                  >
                    <Icon name={each.icon} />
                    <span className="ellipsis">{t(`settings.section.${each.key}`)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
  const content = section && (
    <div className="settings-content">
      <Suspense
        key={section.key}
        fallback={
          <div className="settings-wait" aria-busy="true">
            <Bones rows={6} />
          </div>
        }
      >
        <section.Page />
      </Suspense>
    </div>
  );
  return (
    <div className="page settings-page">
      <header className="page-bar">
        {phone && section && (
          <button
            type="button"
            className="icon-button"
            aria-label={t('common.back')}
            onClick={() => onSection(undefined)}
          >
            <ArrowLeft size={18} aria-hidden="true" />
          </button>
        )}
        <h1>{t('settings.title')}</h1>
      </header>
      <div className="settings">
        {(!phone || !section) && navigation}
        {content}
      </div>
    </div>
  );
}
