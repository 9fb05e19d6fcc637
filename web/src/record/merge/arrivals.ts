/** Old addresses of merged records that led here in this tab: master → the record that was asked for. */
const arrivals = new Map<string, number>();

const keyOf = (collection: string, id: number) => `${collection}/${id}`;

export function noteArrival(collection: string, master: number, from: number): void {
  arrivals.set(keyOf(collection, master), from);
}

export function arrivalAt(collection: string, master: number): number | undefined {
  return arrivals.get(keyOf(collection, master));
}

export function forgetArrival(collection: string, master: number): void {
  arrivals.delete(keyOf(collection, master));
}
