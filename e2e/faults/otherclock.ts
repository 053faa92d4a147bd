/** Loaded before a program (`node --import`), which then has a clock that is wrong: by `OTHER_CLOCK` milliseconds. What takes time takes as long as it does. */
const shiftMs = Number(process.env['OTHER_CLOCK'] ?? 0);
const now = () => OwnDate.now() + shiftMs;
const OwnDate = Date;

globalThis.Date = new Proxy(OwnDate, {
  construct: (_, given: ConstructorParameters<typeof Date> | []) => (given.length === 0 ? new OwnDate(now()) : new OwnDate(...given)),
  apply: () => new OwnDate(now()).toString(),
  get: (own, name) => (name === 'now' ? now : Reflect.get(own, name)),
});
