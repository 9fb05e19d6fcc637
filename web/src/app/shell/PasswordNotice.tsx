import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { Notice } from '@/ui/basics';

/** Asks people to replace a password that somebody else knows. */
export function PasswordNotice() {
  const { t } = useTranslation();
  const { user } = useSession();
  if (!user.must_change_password) return null;
  return (
    <div className="password-notice">
      <Notice kind="warn">
        {t('shell.change_password')} <Link to="/profile">{t('shell.change_password_now')}</Link>
      </Notice>
    </div>
  );
}
