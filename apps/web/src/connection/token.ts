/** This browser's own token for the node, in the browser's storage for this address alone. */
const name = 'mycelium.token';

export function readToken(): string | undefined {
  return localStorage.getItem(name) ?? undefined;
}

export function keepToken(token: string): void {
  localStorage.setItem(name, token);
}

export function forgetToken(): void {
  localStorage.removeItem(name);
}
