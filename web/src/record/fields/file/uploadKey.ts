/** Forms wait for what is still on its way: `useIsMutating({ mutationKey: uploadKey })`. */
export const uploadKey = ['files', 'upload'] as const;
