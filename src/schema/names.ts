/** `Order` → `order`: fields that answer with one object of the type. */
export const camelCase = (name: string): string => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;

/** `placeOrder` → `PlaceOrder`: types that belong to a field. */
export const pascalCase = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** A description that says something; undefined where nobody wrote one. */
export const described = (description: string | undefined): { readonly description?: string } => (description ? { description } : {});
