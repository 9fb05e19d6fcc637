import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery, signOut } from '@/api/session';
import { showToast } from '@/ui/toast';

export function useSignOut(): () => void {
  const client = useQueryClient();
  return () => {
    signOut().then(
      () => {
        client.clear();
        sessionStorage.clear();
        client.setQueryData(sessionQuery.queryKey, { kind: 'signed_out' });
      },
      (error: Error) => showToast({ kind: 'error', text: error.message }),
    );
  };
}
