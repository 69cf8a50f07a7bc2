// The realistic tools themselves: data only. Names to choose from, parameters, sentences, results.

import { BUILTIN_TOOLS } from '../agent/builtin-tools.js';
import type { Rng } from './rng.js';
import type { Param, Value } from './tool-spec.js';
import * as words from './words.js';
import type { Split } from './words.js';

export type Make = (rng: Rng, split: Split) => Value;
const place: Make = (rng, split) => words.properName(rng, split, 'place');
const person: Make = (rng, split) => words.properName(rng, split, 'person');
const thing: Make = (rng, split) => words.properName(rng, split);
const codeValue: Make = (rng, split) => words.code(rng, split);
const date: Make = (rng, split) => words.isoDate(rng, split);
const time: Make = (rng) => words.clockTime(rng);
const textValue: Make = (rng, split) => words.phrase(rng, split);
const wordValue: Make = (rng, split) => words.plainWord(rng, split);
const emailValue: Make = (rng, split) => words.email(rng, split);
const file: Make = (rng, split) => words.fileName(rng, split);
const price: Make = (rng, split) => words.decimal(rng, split);
const int =
  (low: number, high: number): Make =>
  (rng, split) =>
    words.integer(rng, split, low, high);
const oneOf =
  (...options: string[]): Make =>
  (rng) =>
    rng.pick(options);

export interface CatalogueEntry {
  names: string[];
  description: string;
  /** [names to choose from, type, maker, description, optional?]. Places in sentences use the first name. */
  params: [string, Param['type'], Make, string, ('optional' | string[])?][];
  purpose: string;
  sentences: string[];
  result: [string, Make][];
  answer: string;
  isAction?: boolean;
  heldOut?: boolean;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    names: ['get_weather', 'get_current_weather', 'weather', 'getWeather', 'current_weather'],
    description: 'Get the current weather for a city.',
    params: [
      ['city|location|place|city', 'string', place, 'The city name'],
      [
        'unit',
        'string',
        oneOf('celsius', 'fahrenheit'),
        'Temperature unit',
        ['celsius', 'fahrenheit'],
      ],
    ],
    purpose: 'know the weather',
    sentences: [
      "What's the weather in {city}?",
      'How is the weather in {city}?',
      'What is the weather like in {city} today?',
      'Tell me the weather in {city}.',
      'Weather in {city} please',
      'Is it nice out in {city} right now?',
      'Give me the current weather for {city}.',
      'How warm is it in {city}?',
    ],
    result: [
      ['temperature', int(-15, 38)],
      ['condition', oneOf('sunny', 'cloudy', 'rainy', 'windy', 'snowy', 'clear', 'foggy')],
    ],
    answer: 'It is {temperature} degrees and {condition} in {city}.',
  },
  {
    names: ['get_temperature', 'temp', 'get_current_temperature', 'temperature'],
    description: 'Get the current temperature of a place.',
    params: [['city|location|place', 'string', place, 'City to look up']],
    purpose: 'know the temperature',
    sentences: [
      'What is the temperature in {city}?',
      'How cold is it in {city}?',
      'How many degrees is it in {city} now?',
      'Tell me the temperature in {city}.',
      'Temperature in {city}?',
    ],
    result: [['temperature', int(-20, 40)]],
    answer: 'The temperature in {city} is {temperature} degrees.',
  },
  {
    names: ['get_forecast', 'weather_forecast', 'forecast'],
    description: 'Get the weather forecast for the next days.',
    params: [
      ['city|location', 'string', place, 'The city'],
      ['days|num_days', 'integer', int(2, 14), 'Number of days'],
    ],
    purpose: 'know the forecast',
    sentences: [
      'What is the forecast for {city} for the next {days} days?',
      'Give me a {days} day forecast for {city}.',
      'Forecast for {city}, {days} days please.',
      'How will the weather be in {city} over the next {days} days?',
    ],
    result: [
      ['forecast', oneOf('mostly sunny', 'rain later', 'cloudy', 'snow showers', 'warm and dry')],
    ],
    answer: 'The forecast for {city} for {days} days: {forecast}.',
  },
  {
    names: ['search_flights', 'find_flights', 'flight_search', 'searchFlights'],
    description: 'Search flights between two cities.',
    params: [
      ['origin|from|from_city|departure', 'string', place, 'Departure city'],
      ['destination|to|to_city|arrival', 'string', place, 'Arrival city'],
      ['date|departure_date', 'string', date, 'Date, YYYY-MM-DD'],
    ],
    purpose: 'find flights',
    sentences: [
      'Find flights from {origin} to {destination} on {date}.',
      'I want to fly from {origin} to {destination} on {date}.',
      'Search for a flight to {destination} from {origin} on {date}.',
      'Which flights go from {origin} to {destination} on {date}?',
      'Any flights {origin} to {destination} on {date}?',
    ],
    result: [
      ['flight', codeValue],
      ['price', int(40, 900)],
    ],
    answer: 'Flight {flight} from {origin} to {destination} costs {price}.',
  },
  {
    names: ['book_hotel', 'reserve_hotel', 'bookHotel', 'hotel_booking'],
    description: 'Book a hotel room in a city.',
    params: [
      ['city|location', 'string', place, 'City of the hotel'],
      ['nights', 'integer', int(1, 14), 'Number of nights'],
      ['guests', 'integer', int(1, 6), 'Number of guests', 'optional'],
    ],
    purpose: 'book a hotel',
    sentences: [
      'Book a hotel in {city} for {nights} nights.',
      'I need a hotel room in {city} for {nights} nights.',
      'Reserve {nights} nights in a hotel in {city}.',
      'Get me a hotel in {city}, {nights} nights.',
    ],
    result: [['confirmation', codeValue]],
    answer: 'Done. The hotel in {city} is booked, confirmation {confirmation}.',
    isAction: true,
  },
  {
    names: ['get_stock_price', 'stock_price', 'getStockPrice', 'quote'],
    description: 'Get the latest price of a stock.',
    params: [
      [
        'symbol|ticker',
        'string',
        (rng) =>
          Array.from({ length: rng.int(3, 4) }, () => rng.pick([...'ABCDEFGHIKLMNOPRSTVX'])).join(
            '',
          ),
        'Ticker symbol',
      ],
    ],
    purpose: 'know a stock price',
    sentences: [
      'What is the stock price of {symbol}?',
      'How much is {symbol} trading at?',
      'Price of {symbol} stock?',
      'Give me a quote for {symbol}.',
      'Check the share price of {symbol}.',
    ],
    result: [
      ['price', price],
      ['currency', oneOf('USD', 'EUR', 'CNY')],
    ],
    answer: '{symbol} trades at {price} {currency}.',
  },
  {
    names: ['send_email', 'sendEmail', 'email', 'send_mail'],
    description: 'Send an email.',
    params: [
      ['to|recipient', 'string', emailValue, 'Recipient address'],
      ['subject', 'string', textValue, 'Subject line'],
      ['body|text', 'string', textValue, 'Message text', 'optional'],
    ],
    purpose: 'send an email',
    sentences: [
      "Send an email to {to} with the subject '{subject}'.",
      "Email {to}, subject '{subject}'.",
      "Write an email to {to} with subject '{subject}'.",
      "Please mail {to} about '{subject}'.",
    ],
    result: [['message_id', codeValue]],
    answer: 'Done. The email to {to} was sent with id {message_id}.',
    isAction: true,
  },
  {
    names: ['create_event', 'add_calendar_event', 'createEvent', 'schedule_meeting'],
    description: 'Create a calendar event.',
    params: [
      ['title|name|summary', 'string', textValue, 'Event title'],
      ['date|day', 'string', date, 'Date of the event'],
      ['time|start_time', 'string', time, 'Start time'],
    ],
    purpose: 'create an event',
    sentences: [
      "Create an event '{title}' on {date} at {time}.",
      "Add '{title}' to my calendar on {date} at {time}.",
      "Schedule '{title}' for {date} at {time}.",
      "Put '{title}' in the calendar, {date}, {time}.",
    ],
    result: [['event_id', codeValue]],
    answer: 'Done. The event is on {date} at {time}, id {event_id}.',
    isAction: true,
  },
  {
    names: ['set_reminder', 'create_reminder', 'remind', 'addReminder'],
    description: 'Set a reminder.',
    params: [
      ['text|message|task', 'string', textValue, 'What to remind of'],
      ['time|at', 'string', time, 'Time of day'],
    ],
    purpose: 'set a reminder',
    sentences: [
      "Remind me to '{text}' at {time}.",
      "Set a reminder '{text}' for {time}.",
      "At {time} remind me of '{text}'.",
    ],
    result: [['reminder_id', int(1, 9999)]],
    answer: 'Done. Reminder {reminder_id} is set for {time}.',
    isAction: true,
  },
  {
    names: ['web_search', 'search', 'search_web', 'google_search'],
    description: 'Search the web.',
    params: [['query|q', 'string', textValue, 'Search query']],
    purpose: 'search the web',
    sentences: [
      'Search the web for {query}.',
      'Look up {query} on the internet.',
      'Search for {query}.',
      'Find information about {query} online.',
      'Google {query}.',
    ],
    result: [
      ['title', thing],
      ['url', (rng, split) => `https://${words.inventedWord(rng, split)}.com`],
    ],
    answer: 'The top result is {title} at {url}.',
  },
  {
    names: ['translate', 'translate_text', 'translateText'],
    description: 'Translate a text into another language.',
    params: [
      ['text', 'string', textValue, 'Text to translate'],
      [
        'language|target_language|to',
        'string',
        oneOf('French', 'German', 'Spanish', 'Chinese', 'Italian', 'Japanese', 'Norwegian'),
        'Target language',
      ],
    ],
    purpose: 'translate a text',
    sentences: [
      "Translate '{text}' to {language}.",
      "How do you say '{text}' in {language}?",
      "Put '{text}' into {language}.",
    ],
    result: [['translation', textValue]],
    answer: "In {language}: '{translation}'.",
  },
  {
    names: ['convert_currency', 'currency_convert', 'exchange'],
    description: 'Convert an amount between currencies.',
    params: [
      ['amount', 'number', int(1, 5000), 'Amount'],
      [
        'from_currency|from|source',
        'string',
        oneOf('USD', 'EUR', 'CNY', 'NOK', 'GBP', 'JPY'),
        'Source currency',
      ],
      [
        'to_currency|to|target',
        'string',
        oneOf('SEK', 'CHF', 'INR', 'CAD', 'AUD', 'KRW'),
        'Target currency',
      ],
    ],
    purpose: 'convert a currency',
    sentences: [
      'Convert {amount} {from_currency} to {to_currency}.',
      'How much is {amount} {from_currency} in {to_currency}?',
      'What are {amount} {from_currency} worth in {to_currency}?',
      'Exchange {amount} {from_currency} into {to_currency}.',
    ],
    result: [['result', price]],
    answer: '{amount} {from_currency} is {result} {to_currency}.',
  },
  {
    names: ['get_order', 'order_status', 'get_order_status', 'trackOrder', 'lookup_order'],
    description: 'Look up the status of an order.',
    params: [['order_id|id|order', 'string', codeValue, 'Order id']],
    purpose: 'know the status of an order',
    sentences: [
      'Where is my order {order_id}?',
      'What is the status of order {order_id}?',
      'Track order {order_id}.',
      'Has order {order_id} been shipped?',
      'Check order {order_id} for me.',
    ],
    result: [
      ['status', oneOf('shipped', 'delivered', 'pending', 'cancelled', 'packed')],
      ['eta', date],
    ],
    answer: 'Order {order_id} is {status}, expected {eta}.',
  },
  {
    names: ['lookup_city', 'get_city', 'city_info'],
    description: 'Find a city record.',
    params: [['city|name', 'string', place, 'City name']],
    purpose: 'find a city record',
    sentences: [
      'Look up the city {city}.',
      'Find the record of {city}.',
      'What do you know about the city {city}?',
      'Give me the facts of {city}.',
    ],
    result: [
      ['population', int(1000, 9_000_000)],
      ['country', place],
    ],
    answer: '{city} is in {country} and has {population} people.',
  },
  {
    names: ['read_file', 'readFile', 'open_file', 'get_file'],
    description: 'Read a file.',
    params: [['path|file|filename', 'string', file, 'File path']],
    purpose: 'read a file',
    sentences: [
      'Read {path}.',
      'What is in the file {path}?',
      'Show me the content of {path}.',
      'Open {path} and tell me what it says.',
    ],
    result: [['content', textValue]],
    answer: "The file {path} says '{content}'.",
  },
  {
    names: ['write_file', 'save_file', 'writeFile'],
    description: 'Write text to a file.',
    params: [
      ['path|file|filename', 'string', file, 'File path'],
      ['content|text', 'string', textValue, 'Text to write'],
    ],
    purpose: 'write a file',
    sentences: [
      "Write '{content}' to {path}.",
      "Save '{content}' in the file {path}.",
      "Put '{content}' into {path}.",
    ],
    result: [['bytes', int(4, 90)]],
    answer: 'Done. {bytes} bytes were written to {path}.',
    isAction: true,
  },
  {
    names: ['list_files', 'ls', 'listFiles'],
    description: 'List the files of a folder.',
    params: [['folder|path|directory', 'string', wordValue, 'Folder']],
    purpose: 'list the files',
    sentences: [
      'List the files in {folder}.',
      'Which files are in the folder {folder}?',
      'Show the content of the folder {folder}.',
    ],
    result: [
      ['files', (rng, split) => `${words.fileName(rng, split)}, ${words.fileName(rng, split)}`],
    ],
    answer: 'The folder {folder} has {files}.',
  },
  {
    names: ['get_distance', 'distance', 'route_distance'],
    description: 'Get the distance between two places.',
    params: [
      ['from|origin|start', 'string', place, 'Start'],
      ['to|destination|end', 'string', place, 'End'],
    ],
    purpose: 'know a distance',
    sentences: [
      'How far is it from {from} to {to}?',
      'What is the distance between {from} and {to}?',
      'Distance from {from} to {to} please.',
    ],
    result: [['km', int(3, 9000)]],
    answer: 'It is {km} km from {from} to {to}.',
  },
  {
    names: ['get_population', 'population'],
    description: 'Get the population of a country or city.',
    params: [['place|country|city|name', 'string', place, 'Place']],
    purpose: 'know a population',
    sentences: [
      'What is the population of {place}?',
      'How many people live in {place}?',
      'Population of {place}?',
    ],
    result: [['population', int(1000, 90_000_000)]],
    answer: '{place} has a population of {population}.',
  },
  {
    names: ['play_music', 'play_song', 'playSong', 'play'],
    description: 'Play a song.',
    params: [
      ['song|title|track', 'string', thing, 'Song title'],
      ['artist', 'string', person, 'Artist', 'optional'],
    ],
    purpose: 'play a song',
    sentences: [
      'Play {song}.',
      'Play the song {song}.',
      'I want to hear {song}.',
      'Put on {song} please.',
    ],
    result: [['now_playing', thing]],
    answer: 'Done. Now playing {now_playing}.',
    isAction: true,
  },
  {
    names: ['turn_on_light', 'set_light', 'light_control', 'switch_light'],
    description: 'Switch a light on or off.',
    params: [
      ['room|location', 'string', wordValue, 'Room'],
      ['state', 'string', oneOf('on', 'off'), 'on or off', ['on', 'off']],
    ],
    purpose: 'switch a light',
    sentences: [
      'Turn {state} the light in the {room}.',
      'Switch the light in the {room} {state}.',
      'Light {state} in the {room} please.',
    ],
    result: [['status', oneOf('ok', 'done', 'changed')]],
    answer: 'Done. The light in the {room} is {state}.',
    isAction: true,
  },
  {
    names: ['add', 'add_numbers', 'sum'],
    description: 'Add two numbers.',
    params: [
      ['a|x|first', 'number', int(1, 9999), 'First number'],
      ['b|y|second', 'number', int(1, 9999), 'Second number'],
    ],
    purpose: 'add two numbers',
    sentences: [
      'What is {a} plus {b}?',
      'Add {a} and {b}.',
      'What is {a} + {b}?',
      'Use the tool to add {a} to {b}.',
      'Sum {a} and {b}.',
    ],
    result: [],
    answer: '{a} + {b} = {result}.',
  },
  {
    names: ['multiply', 'multiply_numbers', 'mul'],
    description: 'Multiply two numbers.',
    params: [
      ['a|x|first', 'number', int(2, 999), 'First number'],
      ['b|y|second', 'number', int(2, 999), 'Second number'],
    ],
    purpose: 'multiply two numbers',
    sentences: [
      'What is {a} times {b}?',
      'Multiply {a} by {b}.',
      'What is {a} * {b}?',
      'Compute the product of {a} and {b}.',
    ],
    result: [],
    answer: '{a} * {b} = {result}.',
  },
  {
    names: ['calculator'],
    description: BUILTIN_TOOLS[0]!.definition.description,
    params: [
      [
        'expression',
        'string',
        (rng, split) => expression(rng, split),
        BUILTIN_TOOLS[0]!.definition.parameters.properties.expression!.description,
      ],
    ],
    purpose: 'calculate',
    sentences: [
      'What is {expression}?',
      'Calculate {expression}.',
      'Compute {expression}',
      'How much is {expression}?',
      '{expression}',
      '{expression} = ?',
      'Can you work out {expression}?',
      'Evaluate {expression} for me.',
    ],
    result: [],
    answer: '{expression} = {result}.',
  },
  {
    names: ['get_time'],
    description: BUILTIN_TOOLS[1]!.definition.description,
    params: [
      [
        'timezone',
        'string',
        oneOf(
          'Europe/Oslo',
          'Europe/Paris',
          'Europe/Berlin',
          'Europe/London',
          'Asia/Shanghai',
          'Asia/Tokyo',
          'America/New_York',
          'America/Chicago',
          'Asia/Kolkata',
          'Australia/Sydney',
          'UTC',
          'America/Los_Angeles',
          'Europe/Madrid',
          'Asia/Singapore',
        ),
        BUILTIN_TOOLS[1]!.definition.parameters.properties.timezone!.description,
        'optional',
      ],
    ],
    purpose: 'know the time',
    sentences: [
      'What time is it?',
      'What is the time now?',
      'Tell me the current time.',
      'What day is it today?',
      "What is today's date?",
      'Time please',
      'What is the date today?',
      'Do you know what time it is?',
    ],
    result: [
      ['date', date],
      ['time', time],
      [
        'weekday',
        oneOf('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'),
      ],
    ],
    answer: 'It is {weekday}, {date}, {time}.',
  },
  {
    names: ['convert_units'],
    description: BUILTIN_TOOLS[2]!.definition.description,
    params: [
      [
        'value',
        'number',
        (rng, split) =>
          rng.chance(0.8) ? words.integer(rng, split, 1, 500) : words.decimal(rng, split),
        BUILTIN_TOOLS[2]!.definition.parameters.properties.value!.description,
      ],
      [
        'from',
        'string',
        oneOf(
          'km',
          'm',
          'kg',
          'lb',
          'mi',
          'ft',
          'celsius',
          'hours',
          'days',
          'liters',
          'cm',
          'inches',
          'pounds',
          'miles',
        ),
        BUILTIN_TOOLS[2]!.definition.parameters.properties.from!.description,
      ],
      [
        'to',
        'string',
        oneOf(
          'km',
          'm',
          'kg',
          'lb',
          'mi',
          'ft',
          'fahrenheit',
          'minutes',
          'seconds',
          'ml',
          'gallons',
          'mm',
        ),
        BUILTIN_TOOLS[2]!.definition.parameters.properties.to!.description,
      ],
    ],
    purpose: 'convert a unit',
    sentences: [
      'Convert {value} {from} to {to}.',
      'How much is {value} {from} in {to}?',
      'What is {value} {from} in {to}?',
      '{value} {from} to {to}',
      'How many {to} are {value} {from}?',
      'I need {value} {from} in {to}.',
    ],
    result: [],
    answer: '{value} {from} is {result} {to}.',
  },
  // Held out: never in training.
  {
    names: ['get_exchange_rate'],
    description: 'Get the exchange rate between two currencies.',
    params: [
      ['base', 'string', oneOf('USD', 'EUR', 'GBP', 'NOK'), 'Base currency'],
      ['target', 'string', oneOf('CHF', 'SEK', 'INR', 'JPY'), 'Target currency'],
    ],
    purpose: 'know an exchange rate',
    sentences: [
      'What is the exchange rate from {base} to {target}?',
      'Exchange rate for base {base} and target {target}, please.',
    ],
    result: [['rate', price]],
    answer: 'The rate is {rate}.',
    heldOut: true,
  },
  {
    names: ['find_restaurant'],
    description: 'Find a restaurant in a city by cuisine.',
    params: [
      ['city', 'string', place, 'City'],
      ['cuisine', 'string', wordValue, 'Kind of food'],
    ],
    purpose: 'find a restaurant',
    sentences: [
      'Find a {cuisine} restaurant in {city}.',
      'Where can I eat {cuisine} food in {city}?',
    ],
    result: [
      ['name', thing],
      ['rating', price],
    ],
    answer: 'The name is {name} and the rating is {rating}.',
    heldOut: true,
  },
  {
    names: ['file_support_ticket'],
    description: 'Create a support ticket.',
    params: [
      ['title', 'string', textValue, 'Short title'],
      ['priority', 'string', oneOf('low', 'medium', 'high'), 'Priority', ['low', 'medium', 'high']],
    ],
    purpose: 'create a support ticket',
    sentences: [
      "Create a support ticket '{title}' with priority {priority}.",
      "Open a {priority} priority ticket titled '{title}'.",
    ],
    result: [['ticket_id', codeValue]],
    answer: 'Done. The ticket id is {ticket_id}.',
    isAction: true,
    heldOut: true,
  },
  {
    names: ['get_train_departures'],
    description: 'Get the next train departures from a station.',
    params: [['station', 'string', place, 'Station name']],
    purpose: 'know train departures',
    sentences: [
      'When does the next train leave from {station}?',
      'Show train departures from {station}.',
    ],
    result: [
      ['train', codeValue],
      ['departure', time],
    ],
    answer: 'The train is {train} and the departure is {departure}.',
    heldOut: true,
  },
];

function expression(rng: Rng, split: Split): string {
  const n = (max: number) => words.anyInteger(rng, split, max);
  const roll = rng.float();
  if (roll < 0.62) return `${n(4)} ${rng.pick(['+', '-', '*', '/'])} ${n(3)}`;
  if (roll < 0.75)
    return `${n(3)} ${rng.pick(['+', '-', '*'])} ${n(3)} ${rng.pick(['+', '-', '*'])} ${n(3)}`;
  if (roll < 0.88) return `(${n(3)} ${rng.pick(['+', '-'])} ${n(2)}) * ${n(2)}`;
  return `${n(3)}.${rng.int(1, 9)} ${rng.pick(['+', '-', '*'])} ${n(2)}`;
}
