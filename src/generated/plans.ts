/** Compiled from abis/ by src/cli/build.ts: never edited by hand. */
import type { Plan } from "../contract/plan.ts";

export const plans: readonly Plan[] = [
  {
    "id": "delete-gallery-files-01",
    "resource": "delete-gallery-files",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "delete-files",
        "id": 1,
        "maxKeys": 1000
      }
    ],
    "answer": {
      "step": 0,
      "fields": null,
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  },
  {
    "id": "my-gallery-01",
    "resource": "my-gallery",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "query",
        "id": 1,
        "sql": "SELECT gallery.id, gallery.storage_key, gallery.url, gallery.dominant_color, gallery.file_size, files.width, files.height, gallery.created_at FROM gallery JOIN files ON files.storage_key = gallery.storage_key AND files.status = 'stored' WHERE gallery.user_id = ?1 ORDER BY gallery.created_at DESC, gallery.id DESC LIMIT 50",
        "writes": false,
        "parameters": [
          {
            "value": {
              "from": "claim",
              "path": [
                "id"
              ]
            },
            "type": "text"
          }
        ],
        "columns": {
          "file_size": "integer",
          "width": "integer",
          "height": "integer",
          "created_at": "timestamp"
        },
        "each": null,
        "checks": [],
        "send": "now"
      }
    ],
    "answer": {
      "step": 0,
      "fields": null,
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  },
  {
    "id": "upload-avatar-01",
    "resource": "upload-avatar",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "upload",
        "id": 1,
        "maxFiles": 1,
        "maxFileBytes": 5242880,
        "types": [
          "image/png",
          "image/jpeg"
        ],
        "folder": [
          {
            "from": "literal",
            "value": "users"
          },
          {
            "from": "claim",
            "path": [
              "id"
            ]
          },
          {
            "from": "literal",
            "value": "avatar"
          },
          {
            "from": "generator",
            "kind": "NANOID"
          }
        ],
        "visibility": "private",
        "fileApi": false,
        "expiresSeconds": null,
        "stripsMetadata": false,
        "strictImages": false,
        "imageFields": [
          "width",
          "height",
          "dominant_color"
        ],
        "issuesLinks": true
      }
    ],
    "answer": {
      "step": 0,
      "fields": [
        "storage_key",
        "url",
        "download_url",
        "dominant_color",
        "width",
        "height",
        "file_size"
      ],
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  },
  {
    "id": "upload-gallery-01",
    "resource": "upload-gallery",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "upload",
        "id": 1,
        "maxFiles": 2,
        "maxFileBytes": 20971520,
        "types": [
          "image/png",
          "image/jpeg",
          "video/mp4"
        ],
        "folder": [
          {
            "from": "literal",
            "value": "gallery"
          },
          {
            "from": "claim",
            "path": [
              "id"
            ]
          }
        ],
        "visibility": "public",
        "fileApi": true,
        "expiresSeconds": null,
        "stripsMetadata": false,
        "strictImages": false,
        "imageFields": [
          "dominant_color"
        ],
        "issuesLinks": false
      }
    ],
    "answer": {
      "step": 0,
      "fields": [
        "storage_key",
        "url",
        "dominant_color",
        "file_size"
      ],
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  },
  {
    "id": "upload-gallery-and-store-01",
    "resource": "upload-gallery-and-store",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "upload",
        "id": 1,
        "maxFiles": 2,
        "maxFileBytes": 20971520,
        "types": [
          "image/png",
          "image/jpeg",
          "video/mp4"
        ],
        "folder": [
          {
            "from": "literal",
            "value": "gallery"
          },
          {
            "from": "claim",
            "path": [
              "id"
            ]
          }
        ],
        "visibility": "public",
        "fileApi": true,
        "expiresSeconds": null,
        "stripsMetadata": false,
        "strictImages": false,
        "imageFields": [
          "dominant_color"
        ],
        "issuesLinks": false
      },
      {
        "mode": "query",
        "id": 2,
        "sql": "INSERT INTO gallery (id, user_id, storage_key, url, dominant_color, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id, user_id, storage_key, url, dominant_color, file_size",
        "writes": true,
        "parameters": [
          {
            "value": {
              "from": "generator",
              "kind": "KSUID"
            },
            "type": "text"
          },
          {
            "value": {
              "from": "claim",
              "path": [
                "id"
              ]
            },
            "type": "text"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "storage_key"
              ]
            },
            "type": "text"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "url"
              ]
            },
            "type": "text"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "dominant_color"
              ]
            },
            "type": "text"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "file_size"
              ]
            },
            "type": "integer"
          },
          {
            "value": {
              "from": "now"
            },
            "type": "timestamp"
          },
          {
            "value": {
              "from": "now"
            },
            "type": "timestamp"
          }
        ],
        "columns": {
          "file_size": "integer"
        },
        "each": {
          "from": "result",
          "step": 0,
          "path": []
        },
        "checks": [],
        "send": "commit"
      }
    ],
    "answer": {
      "step": 1,
      "fields": [
        "id",
        "user_id",
        "storage_key",
        "url",
        "dominant_color",
        "file_size"
      ],
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  },
  {
    "id": "upload-gallery-and-store-mongo-01",
    "resource": "upload-gallery-and-store-mongo",
    "authentication": {
      "header": "x-access-token",
      "bearer": false,
      "algorithm": "HS256",
      "keyName": "JWT_SECRET_KEY",
      "claims": [
        "id"
      ]
    },
    "steps": [
      {
        "mode": "upload",
        "id": 1,
        "maxFiles": 2,
        "maxFileBytes": 20971520,
        "types": [
          "image/png",
          "image/jpeg",
          "video/mp4"
        ],
        "folder": [
          {
            "from": "literal",
            "value": "gallery"
          },
          {
            "from": "claim",
            "path": [
              "id"
            ]
          }
        ],
        "visibility": "public",
        "fileApi": true,
        "expiresSeconds": null,
        "stripsMetadata": false,
        "strictImages": false,
        "imageFields": [
          "dominant_color"
        ],
        "issuesLinks": false
      },
      {
        "mode": "query",
        "id": 2,
        "sql": "INSERT INTO documents (id, collection, body, created_at, updated_at) VALUES (printf('%08x', unixepoch()) || lower(hex(randomblob(8))), 'gallery', json_object('user_id', json(?1), 'storage_key', json(?2), 'url', json(?3), 'dominant_color', json(?4), 'file_size', json(?5), 'created_at', ?6, 'updated_at', ?6), ?6, ?6) RETURNING documents.id, documents.body -> '$.user_id' AS \"user_id\", documents.body -> '$.storage_key' AS \"storage_key\", documents.body -> '$.url' AS \"url\", documents.body -> '$.dominant_color' AS \"dominant_color\", documents.body -> '$.file_size' AS \"file_size\", documents.body -> '$.created_at' AS \"created_at\", documents.body -> '$.updated_at' AS \"updated_at\"",
        "writes": true,
        "parameters": [
          {
            "value": {
              "from": "claim",
              "path": [
                "id"
              ]
            },
            "type": "document"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "storage_key"
              ]
            },
            "type": "document"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "url"
              ]
            },
            "type": "document"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "dominant_color"
              ]
            },
            "type": "document"
          },
          {
            "value": {
              "from": "element",
              "path": [
                "file_size"
              ]
            },
            "type": "document"
          },
          {
            "value": {
              "from": "now"
            },
            "type": "timestamp"
          }
        ],
        "columns": {
          "user_id": "json",
          "storage_key": "json",
          "url": "json",
          "dominant_color": "json",
          "file_size": "json",
          "created_at": "json",
          "updated_at": "json"
        },
        "each": {
          "from": "result",
          "step": 0,
          "path": []
        },
        "checks": [],
        "send": "commit"
      }
    ],
    "answer": {
      "step": 1,
      "fields": [
        "id",
        "user_id",
        "storage_key",
        "url",
        "dominant_color",
        "file_size"
      ],
      "shape": "list"
    },
    "environment": [
      "JWT_SECRET_KEY"
    ],
    "atomic": true
  }
];
