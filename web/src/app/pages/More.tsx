import { Link } from '@tanstack/react-router';
import { Bell, LogOut, Settings, Trash2, Upload, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { useRecordWorld } from '@/record/context';
import { Avatar } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { useNavigation } from '../shell/navigation';
import { useSignOut } from '../shell/useSignOut';

/** On the phone: everything that has no tab of its own. */
export default function More() {
  const { t } = useTranslation();
  const { user, organisation } = useSession();
  const { groups, settings, recycleBin } = useNavigation();
  const { model } = useRecordWorld();
  const mayImport = model.objects.some((object) => object.rights.includes('import'));
  const signOut = useSignOut();
  return (
    <div className="page">
      <header className="page-bar">
        <h1>{t('shell.more')}</h1>
      </header>
      <div className="more">
        <div className="card card-body line more-user">
          <Avatar name={user.name} size={40} />
          <div>
            <strong>{user.name}</strong>
            <p className="muted">{organisation.name}</p>
          </div>
        </div>
        <nav className="card" aria-label={t('shell.more')}>
          {groups.flatMap((group) =>
            group.items.map((item) => (
              <Link key={item.key} to={item.to} className="more-item">
                <Icon name={item.icon} size={18} />
                <span className="grow">{item.label}</span>
              </Link>
            )),
          )}
          <Link to="/notifications" className="more-item">
            <Bell size={18} aria-hidden="true" />
            <span className="grow">{t('notifications.title')}</span>
          </Link>
          {mayImport && (
            <Link to="/import" className="more-item">
              <Upload size={18} aria-hidden="true" />
              <span className="grow">{t('list.import')}</span>
            </Link>
          )}
          {recycleBin && (
            <Link to="/recycle_bin" className="more-item">
              <Trash2 size={18} aria-hidden="true" />
              <span className="grow">{t('recycle_bin.title')}</span>
            </Link>
          )}
          {settings && (
            <Link to="/settings/{-$section}" className="more-item">
              <Settings size={18} aria-hidden="true" />
              <span className="grow">{t('settings.title')}</span>
            </Link>
          )}
          <Link to="/profile" className="more-item">
            <UserRound size={18} aria-hidden="true" />
            <span className="grow">{t('profile.title')}</span>
          </Link>
          <button type="button" className="more-item" onClick={signOut}>
            <LogOut size={18} aria-hidden="true" />
            <span className="grow">{t('shell.sign_out')}</span>
          </button>
        </nav>
      </div>
    </div>
  );
}
