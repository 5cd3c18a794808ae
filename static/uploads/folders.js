/* Owns finding the pictures in what was dropped, folders and their folders included.
   The danger is the browser's ration: a folder gives its entries a hundred at a time, until it gives none. */

const PICTURE = /\.(jpe?g?|jfif|a?png|webp|gif|bmp|dib|tiff?|avifs?|hei[cf]|hif)$/i;

/** Files from a folder: its pictures in the order of their names, and how many others were left out. */
export function onlyPictures(files) {
  const visible = files.filter(({ name }) => !name.startsWith("."));
  const pictures = visible.filter(({ name, type }) => PICTURE.test(name) || type.startsWith("image/"));
  const path = (file) => file.webkitRelativePath || file.name;
  const order = new Intl.Collator(undefined, { numeric: true });
  pictures.sort((a, b) => order.compare(path(a), path(b)));
  return { files: pictures, leftOut: visible.length - pictures.length };
}

/** Everything in a drop, whose `entries` belong to its `files` one by one: single files as they are, and the
    pictures of folders. */
export async function filesOf(entries, files) {
  const found = await Promise.all(entries.map((entry, index) =>
    entry?.isDirectory ? inFolder(entry).then(onlyPictures) : { files: [files[index]].filter(Boolean), leftOut: 0 }));
  return { files: found.flatMap((each) => each.files), leftOut: found.reduce((sum, each) => sum + each.leftOut, 0) };
}

async function inFolder(folder) {
  const found = [];
  for (const entry of await entriesOf(folder.createReader())) {
    if (entry.isDirectory) found.push(...await inFolder(entry));
    else found.push(await new Promise((resolve) => entry.file(resolve, () => resolve(null))));
  }
  return found.filter(Boolean);
}

async function entriesOf(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return all;
    all.push(...some);
  }
}
