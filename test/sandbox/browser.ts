/** A real Chromium, from npm, on a real playground. */
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { minutesPass, remove, type Started, startPlayground, temporaryDirectory } from './playground-kit.ts';

/** null: it cannot start here; the reason was said in one line. */
export async function openBrowser(): Promise<Browser | null> {
  try {
    return await driver.launch({ executablePath: await chromium.executablePath(), args: ['--no-sandbox'] });
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    process.stderr.write(`The page is not tested: Chromium does not start here (${why})\n`);
    return null;
  }
}

/** A tab on a playground that others may look at as well. */
export interface OpenDesk {
  /** The playground of the moment: another one after `restart`. */
  readonly started: Started;
  readonly page: Page;
  /** What the page complained of, and whatever it asked of another host. */
  readonly complaints: string[];
  /** Makes the prompts that are over old enough for another one to the same phone. */
  minutesPass(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenPlayground {
  readonly browser: Browser;
  /** With a memory of its own: nothing is known from another tab. */
  visit(view: View): Promise<OpenDesk>;
  /** Stops the playground, and starts another one on the same directory and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface View {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
}

export const wide: View = { width: 1500, height: 900 };
export const narrow: View = { width: 375, height: 800 };

export async function openPlayground(browser: Browser): Promise<OpenPlayground> {
  const directory = await temporaryDirectory();
  let started = await startPlayground(directory);
  const { url } = started;
  return {
    browser,
    visit: async (view) => {
      const { page, complaints } = await openPage(browser, url, view);
      return {
        get started() {
          return started;
        },
        page,
        complaints,
        minutesPass: () => minutesPass(directory),
        close: () => page.close(),
      };
    },
    restart: async () => {
      await started.end('SIGTERM');
      started = await startPlayground(directory, {}, Number(new URL(url).port));
    },
    close: async () => {
      await started.end('SIGTERM');
      await remove(directory);
    },
  };
}

async function openPage(browser: Browser, url: string, view: View) {
  const { width, height, colorScheme = 'light' } = view;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && `http://${host}` !== url) complaints.push(request.url());
  });
  page.setDefaultTimeout(110_000);
  await page.goto(url);
  return { page, complaints };
}

/** Types into a person's chat and sends it. */
export async function type(page: Page, person: string, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: `Message: ${person}` });
  await field.fill(text);
  await field.press('Enter');
}

export const shop = 'Mama Njeri, shop';
export const customer = '0712 345 678, customer';

/** The newest bubble of the shop's chat that holds the text. */
export function bubble(page: Page, text: string | RegExp) {
  return page.getByRole('log', { name: shop }).getByRole('article').filter({ hasText: text }).last();
}

export async function enterPin(page: Page, pin = '1234'): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'M-PESA' });
  await dialog.getByLabel('Enter M-PESA PIN').fill(pin);
  await dialog.getByRole('button', { name: 'OK' }).click();
}
