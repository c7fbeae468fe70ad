import {
  arrayField,
  badValue,
  characters,
  type Fields,
  invalid,
  missing,
  objectField,
  onlyKeys,
  Refusal,
  textField,
} from './rules.ts';
import type { Content } from './said.ts';
import type { ButtonRow, TemplateButton, TemplateRow } from './state.ts';

/** "Body: 1,024 characters" once the values are in. */
const maxBody = 1024;
/** No limit was found in the documents; a low one, so that nothing rests on a high one. */
const maxPayload = 128;

/** A template message: known, approved in that language, and with as many values as it has places. */
export function readTemplate(templates: readonly TemplateRow[], message: Fields): Content {
  const fields = objectField(message, 'template');
  onlyKeys(fields, 'template', ['name', 'language', 'components', 'namespace']);
  const name = textField(fields, 'name', "template['name']", 512);
  const language = objectField(fields, 'language', "template['language']");
  onlyKeys(language, "template['language']", ['code', 'policy']);
  const template = usable(templates, name, textField(language, 'code', "template['language']['code']", 15));
  const components =
    fields.components === undefined ? [] : arrayField(fields, 'components', "template['components']");
  for (const component of components)
    onlyKeys(component, 'component', ['type', 'sub_type', 'index', 'parameters']);
  const parts = [
    template.header === undefined ? null : filled('header', template.header, components),
    filled('body', template.body, components),
    template.footer ?? null,
  ];
  if (characters(parts[1] ?? '') > maxBody) throw new Refusal(132005);
  checkTypes(template, components);
  return {
    kind: 'text',
    text: parts.filter((part) => part !== null).join('\n'),
    buttons: (template.buttons ?? []).map((button, index) => pressable(button, index, components)),
    replies: 'template',
    template: template.name,
    category: template.category,
  };
}

function usable(templates: readonly TemplateRow[], name: string, language: string): TemplateRow {
  const template = templates.find((one) => one.name === name && one.language === language);
  if (template?.status === 'PAUSED') throw new Refusal(132015);
  if (template?.status === 'DISABLED') throw new Refusal(132016);
  if (template?.status !== 'APPROVED')
    throw new Refusal(132001, `template name (${name}) does not exist in ${language}`);
  return template;
}

function checkTypes(template: TemplateRow, components: readonly Fields[]): void {
  const parts = new Set<unknown>();
  for (const { type, sub_type: kind, index } of components) {
    if (type !== 'header' && type !== 'body' && type !== 'button')
      throw invalid("Param template['components'][0]['type'] must be one of {HEADER, BODY, BUTTON}.");
    const part = type === 'button' ? `button ${index}` : type;
    if (parts.has(part)) throw invalid(`The component ${part} is given twice.`);
    parts.add(part);
    if (type !== 'button') continue;
    const button = template.buttons?.[Number(index)];
    const wanted = button?.type === 'URL' ? 'url' : 'quick_reply';
    if (button === undefined || !/^\d$/.test(String(index)) || kind !== wanted)
      throw new Refusal(132012, `Button at index ${String(index)} of the template is not of type ${kind}.`);
  }
}

function filled(part: 'header' | 'body', text: string, components: readonly Fields[]): string {
  const component = components.find(({ type }) => type === part);
  const values = component === undefined ? [] : valuesOf(component);
  const places = new Set(text.match(/\{\{\d+\}\}/g) ?? []);
  if (places.size !== values.length)
    throw new Refusal(
      132000,
      `${part}: number of localizable_params (${values.length}) does not match the expected number of params (${places.size})`,
    );
  return text.replace(/\{\{(\d+)\}\}/g, (_, place: string) => values[Number(place) - 1] ?? '');
}

function valuesOf(component: Fields): string[] {
  return arrayField(component, 'parameters', "component['parameters']").map((parameter) => {
    onlyKeys(parameter, 'parameter', ['type', 'text']);
    if (parameter.type !== 'text')
      throw new Refusal(132012, 'Only parameters of type text are known to these templates.');
    const text = parameter.text;
    if (typeof text !== 'string' || text === '')
      throw missing('Parameter of type text is missing text value');
    if (/[\n\r\t]| {5,}/.test(text))
      throw new Refusal(
        132018,
        'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
      );
    return text;
  });
}

function pressable(button: TemplateButton, index: number, components: readonly Fields[]): ButtonRow {
  const component = components.find((one) => one.type === 'button' && Number(one.index) === index);
  const [parameter] =
    component === undefined ? [] : arrayField(component, 'parameters', "component['parameters']");
  if (button.type === 'URL') {
    const wanted = button.url.includes('{{1}}');
    if (wanted !== (parameter !== undefined))
      throw new Refusal(132000, `button at index ${index}: the address takes ${wanted ? 'one' : 'no'} value`);
    const end = parameter === undefined ? '' : textField(parameter, 'text', "parameter['text']", 2000);
    return { id: null, text: button.text, url: button.url.replace('{{1}}', end), description: null };
  }
  if (parameter === undefined) return { id: button.text, text: button.text, url: null, description: null };
  onlyKeys(parameter, 'parameter', ['type', 'payload']);
  if (parameter.type !== 'payload')
    throw badValue(`Button at index ${index} takes a parameter of type payload.`);
  const id = textField(parameter, 'payload', "parameter['payload']", maxPayload);
  return { id, text: button.text, url: null, description: null };
}
