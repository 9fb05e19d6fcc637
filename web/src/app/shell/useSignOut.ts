import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery, signOut, signOutEverywhere } from '@/api/session';
import { forgetAllRefused } from '@/record/list/refused';
import { showToast } from '@/ui/toast';

/** Ends the session, or every session of the person, and leaves nothing of it in this browser. */
export function useSignOut(where: 'here' | 'everywhere' = 'here'): () => void {
  const client = useQueryClient();
  const end = where === 'here' ? signOut : signOutEverywhere;
  return () => {
    end().then(
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
