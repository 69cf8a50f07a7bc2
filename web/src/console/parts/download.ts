// Hands a text to the browser as a file to keep.

export function downloadText(name: string, mediaType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it when the next task runs.
  setTimeout(() => URL.revokeObjectURL(url));
}

export function downloadCsv(name: string, text: string): void {
  downloadText(name, 'text/csv;charset=utf-8', text);
}
