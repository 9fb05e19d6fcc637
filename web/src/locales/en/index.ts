const files = import.meta.glob<Record<string, unknown>>('./*.json', {
  eager: true,
  import: 'default',
});

/** All texts of this language; the name of each file is the first part of its keys. */
const texts: Record<string, unknown> = {};
for (const [path, content] of Object.entries(files)) {
  texts[path.slice(2, -'.json'.length)] = content;
}
export default texts;
