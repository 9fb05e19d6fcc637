import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery, signOut } from '@/api/session';
import { forgetAllRefused } from '@/record/list/refused';
import { showToast } from '@/ui/toast';

export function useSignOut(): () => void {
  const client = useQueryClient();
  return () => {
    signOut().then(
      () => {
        sessionStorage.clear();
        forgetAllRefused();
        // The session goes first: it takes the pages away that would ask for the rest again.
        client.setQueryData(sessionQuery.queryKey, { kind: 'signed_out' });
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
      },
      (error: Error) => showToast({ kind: 'error', text: error.message }),
    );
  };
}
