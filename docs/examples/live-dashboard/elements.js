/** Makes an element of HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A figure as people read it, with the exact one for programs. */
export const figure = (value, text) => element('data', { value }, text);

/** Writes a figure anew, where it is another. */
export function write(data, value, text) {
  if (data.value === String(value) && data.textContent === text) return;
  data.value = value;
  data.textContent = text;
}
