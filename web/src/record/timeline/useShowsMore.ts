import { useQuery, useQueryClient } from '@tanstack/react-query';
import { preferencesQuery, writePreference } from '@/api/session';

const name = 'composer.more';

/** Whether somebody writes follow-ups with all fields; remembered for the person. */
export function useShowsMore(): [boolean, (shows: boolean) => void] {
  const client = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  return [
    data?.[name] === true,
    (shows) => {
      client.setQueryData<Record<string, unknown>>(preferencesQuery.queryKey, (before) => ({
        ...before,
        [name]: shows,
      }));
      writePreference(name, shows || null).catch(() => {
        // It is as chosen until the next visit; nobody has to be told.
      });
    },
  ];
}
