// What the browser has to load before somebody sees the workbench.
import { go } from './browser.mjs';

/** At most, as it travels. */
export const firstPageBytes = 320 * 1024;

/** Opens the workbench of whoever has signed in; the program's own files that came for it. */
export async function loadFirstPage(page, origin) {
  const answers = [];
  const note = (response) => answers.push(response);
  page.on('response', note);
  await go(page, origin, '/');
  page.off('response', note);
  return answers
    .map((response) => ({ pathname: new URL(response.url()).pathname, response }))
    .filter(({ pathname }) => pathname === '/' || pathname.startsWith('/assets/'));
}

/** Bytes of these files as they travelled. */
export async function bytesOf(files) {
  let bytes = 0;
  for (const { response } of files) bytes += (await response.request().sizes()).responseBodySize;
  return bytes;
}
