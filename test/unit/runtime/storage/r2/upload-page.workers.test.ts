import { expect, test } from "vitest";
import { readUploadPage } from "../../../../../src/runtime/storage/r2/upload-page.ts";

const listOf = (content: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</ListMultipartUploadsResult>`;
const LAST = "<IsTruncated>false</IsTruncated>";
const TIME = "<Initiated>2026-01-02T03:04:05.678Z</Initiated>";
const uploadOf = (key: string, time = TIME) => `<Upload><Key>${key}</Key><UploadId>u</UploadId>${time}</Upload>`;
const readKey = (key: string) => readUploadPage(listOf(LAST + uploadOf(key))).uploads[0]?.key;

test("AWS's own example", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html#API_ListMultipartUploads_Examples
  const upload = (id: string, time: string) => `
      <Upload>
        <Key>my-movie.m2ts</Key>
        <UploadId>${id}</UploadId>
        <Initiator>
          <ID>arn:aws:iam::111122223333:user/user1-11111a31-17b5-4fb7-9df5-b111111f13de</ID>
          <DisplayName>user1-11111a31-17b5-4fb7-9df5-b111111f13de</DisplayName>
        </Initiator>
        <StorageClass>STANDARD</StorageClass>
        <Initiated>${time}</Initiated>
      </Upload>`;
  const content = `
      <Bucket>bucket</Bucket>
      <KeyMarker></KeyMarker>
      <UploadIdMarker></UploadIdMarker>
      <NextKeyMarker>my-movie.m2ts</NextKeyMarker>
      <NextUploadIdMarker>YW55IGlkZWEgd2h5</NextUploadIdMarker>
      <MaxUploads>3</MaxUploads>
      <IsTruncated>true</IsTruncated>${upload("XMgbGlrZSBl", "2010-11-10T20:48:33.000Z")}${upload("VXBsb2Fk", "2010-11-10T20:48:34Z")}
    `;
  expect(readUploadPage(listOf(content))).toEqual({
    uploads: [
      { key: "my-movie.m2ts", uploadId: "XMgbGlrZSBl", initiated: new Date("2010-11-10T20:48:33Z") },
      { key: "my-movie.m2ts", uploadId: "VXBsb2Fk", initiated: new Date("2010-11-10T20:48:34Z") },
    ],
    next: { key: "my-movie.m2ts", uploadId: "YW55IGlkZWEgd2h5" },
  });
});

test.each([
  ["a&amp;b", "a&b"],
  ["&lt;Upload&gt;&quot;&apos;", "<Upload>\"'"],
  ["&#38;&#x26;&#X26;".replace("X", "x"), "&&&"],
  ["&amp;amp;&amp;#38;", "&amp;&#38;"],
  ["&#x1F469;&#128105;", "👩👩"],
  ["&#x10FFFF;", "\u{10ffff}"],
  [" a  b\n", " a  b\n"],
  ["&#1;&#13;", "\u0001\r"],
  ["a>b]]>", "a>b]]>"],
  ["a+b%20c", "a+b%20c"],
])("a key written %j", (written, key) => {
  expect(readKey(written)).toBe(key);
});

test.each([
  "&",
  "a&b",
  "&amp",
  "&AMP;",
  "&nbsp;",
  "&#;",
  "&#x;",
  "&#xg;",
  "&#x110000;",
  "&#9999999;",
  "&#xD800;",
  "&#12345678;",
])("a key with %j is none", (written) => {
  expect(() => readKey(written)).toThrow();
});

test.each([
  ["nothing", ""],
  ["no XML", "Bad gateway"],
  ["HTML", "<!doctype html><html></html>"],
  ["an error", "<Error><Code>SlowDown</Code></Error>"],
  ["another list", listOf(LAST).replaceAll("MultipartUploads", "Objects")],
  ["two lists", listOf(LAST) + listOf(LAST)],
  ["a list in another", listOf(listOf(LAST) + LAST)],
  ["a declared entity", listOf(LAST).replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa">]>')],
  ["no word of further pages", listOf(uploadOf("k"))],
  ["another word of them", listOf("<IsTruncated>yes</IsTruncated>")],
  ["two words of them", listOf(LAST + LAST)],
  ["further pages, but not where", listOf("<IsTruncated>true</IsTruncated>")],
  ["encoded keys", listOf(`${LAST}<EncodingType>url</EncodingType>`)],
  ["an upload in a comment", listOf(`${LAST}<!-- ${uploadOf("k")} -->`)],
  ["a comment in an upload", listOf(LAST + uploadOf("k").replace("</Key>", "</Key><!-- x -->"))],
  ["a key in a section", listOf(LAST + uploadOf("<![CDATA[k]]>"))],
  ["an upload without a key", listOf(LAST + uploadOf(""))],
  ["an upload without an id", listOf(LAST + uploadOf("k").replace("<UploadId>u</UploadId>", ""))],
  ["an upload without a time", listOf(LAST + uploadOf("k", ""))],
  ["an upload with two keys", listOf(LAST + uploadOf("k</Key><Key>l"))],
  ["an upload in another", listOf(LAST + uploadOf("k").replace("<Key>", "<Upload><Key>"))],
  ["an empty upload", listOf(`${LAST}<Upload/>`)],
  ["an upload that does not end", listOf(`${LAST}<Upload><Key>k</Key>`)],
  ["one that has not begun", listOf(`${LAST}</Upload>`)],
  ["half a key marker", listOf("<IsTruncated>true</IsTruncated><NextKeyMarker>&#xD800;</NextKeyMarker>")],
  ...["5", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "yesterday"].map((time): [string, string] => [
    `the time ${time}`,
    listOf(LAST + uploadOf("k", `<Initiated>${time}</Initiated>`)),
  ]),
])("%s is no page", (_, xml) => {
  expect(() => readUploadPage(xml)).toThrow();
});
