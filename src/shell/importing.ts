import { type Application, isApplication } from '#application';
import { assert } from '#base';

/** Finds an application by its name in the module that exports it: for a thread, which shares no code that is loaded already. */
export async function importApplication(module: string, name: string): Promise<Application> {
  const exported: Record<string, unknown> = await import(module);
  const application = Object.values(exported).find((one) => isApplication(one) && one.name === name);
  assert(isApplication(application), `${module} exports no application ${name}.`, 'Export it from the module that it names.');
  return application;
}
