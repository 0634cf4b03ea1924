//! Small exports of the systems that hotels have.

use super::*;

/// A file, how its days are written, and what is read.
struct Export {
    what: &'static str,
    text: &'static str,
    order: Option<DateOrder>,
    rows: &'static [&'static str],
    unused: &'static [&'static str],
}

const EXPORTS: &[Export] = &[
    Export {
        what: "OPERA arrivals",
        text: "GUEST_FIRST_NAME|GUEST_NAME|ARRIVAL|DEPARTURE|ROOM\nJane|Doe|12252026|12282026|000101\nJohn|Roe|12012026|12042026|0102\n",
        order: Some(DateOrder::MonthDayYear),
        rows: &[
            "2: issue - | Jane Doe | 000101 | 2026-12-25 | 2026-12-28",
            "3: issue - | John Roe | 0102 | 2026-12-01 | 2026-12-04",
        ],
        unused: &[],
    },
    Export {
        what: "OPERA reservations",
        text: "CONFIRMATION_NO,CRS_CONFIRMATION_NO,GUEST_NAME,ROOM,ARRIVAL_DATE,DEPARTURE_DATE,ROOM_NIGHTS_TOTAL,CREDIT_CARD_NO\n4711,X9,\"Doe, Jane\",0101,25-DEC-26,28-DEC-26,6,4111111111111111\n",
        order: None,
        rows: &["2: issue 4711 | Jane Doe | 0101 | 2026-12-25 | 2026-12-28"],
        unused: &["CRS_CONFIRMATION_NO", "ROOM_NIGHTS_TOTAL", "CREDIT_CARD_NO"],
    },
    Export {
        what: "OPERA reservations with a status",
        text: "CONFIRMATION_NO,GUEST_NAME,ROOM,ARRIVAL_DATE,DEPARTURE_DATE,RESV_STATUS\n1,\"Doe, Jane\",000201,25-DEC-26,28-DEC-26,RESERVED\n2,\"Roe, Joe\",000202,25-DEC-26,28-DEC-26,CANCELLED\n3,\"Poe, Jim\",000203,25-DEC-26,28-DEC-26,DUE IN\n4,\"Moe, Tim\",000204,25-DEC-26,28-DEC-26,NO SHOW\n5,\"Loe, Kim\",000205,25-DEC-26,28-DEC-26,WAITLIST\n",
        order: None,
        rows: &[
            "2: issue 1 | Jane Doe | 000201 | 2026-12-25 | 2026-12-28",
            "4: issue 3 | Jim Poe | 000203 | 2026-12-25 | 2026-12-28",
        ],
        unused: &[],
    },
    Export {
        what: "Mews",
        text: "Number,GroupId,State,StartUtc,EndUtc,FirstName,LastName,Email,SpaceName\n52,a1,Confirmed,2026-12-01T14:00:00Z,2026-12-04 10:00,Jane,Doe,jane@example.com,101\n53,a1,Canceled,2026-12-01T14:00:00Z,2026-12-04T10:00:00Z,Joe,Roe,,102\n54,a1,Processed,,,,,,\n",
        order: None,
        rows: &[
            "2: issue 52 | Jane Doe <jane@example.com> | 101 | 2026-12-01T14:00Z | 2026-12-04T10:00Z",
        ],
        unused: &["GroupId"],
    },
    Export {
        what: "Apaleo",
        text: "{\"id\":\"XPGMSXGF-1\",\"bookingId\":\"XPGMSXGF\",\"status\":\"Confirmed\",\"unit\":{\"id\":\"MUC-1\",\"name\":\"101\"},\"arrival\":\"2026-12-01T15:00:00+01:00\",\"departure\":\"2026-12-04\",\"primaryGuest\":{\"firstName\":\"Jane\",\"lastName\":\"Doe\",\"email\":\"jane@example.com\",\"phone\":\"030 1\"},\"paymentAccount\":{\"accountNumber\":\"4111\"}}\n{\"bookingId\":\"B\",\"status\":\"NoShow\"}\n",
        order: None,
        rows: &[
            "1: issue XPGMSXGF | Jane Doe <jane@example.com> | 101 | 2026-12-01T14:00Z | 2026-12-04",
        ],
        unused: &["id", "paymentAccount"],
    },
    Export {
        what: "Cloudbeds",
        text: "Reservation Number\tGuest Name\tGuest Email\tGuest Phone\tRoom Number\tCheck-In Date\tCheck-Out Date\tNights\tStatus\nCB-1\tJane Doe\t-\t+49 30 1234567\t101;102\t2026-12-01\t2026-12-04\t3\tconfirmed\nCB-2\tJoe\t\t\t103\t2026-12-01\t2026-12-04\t3\tchecked_out\n",
        order: None,
        rows: &["2: issue CB-1 | Jane Doe <+49301234567> | 101-102 | 2026-12-01 | 2026-12-04"],
        unused: &[],
    },
    Export {
        what: "a German spreadsheet",
        text: "\u{FEFF}Reservierung;Gast;E-Mail;Zimmer;Anreise;Abreise;Bemerkung\r\n1;Jürgen Groß;j@example.de;0101;01.12.2026;04.12.2026;\"spät;\r\nleise\"\r\n2;Doe, Jane;;102;13.12.2026;14.12.2026;\r\n;;;;;;\r\n",
        order: Some(DateOrder::DayMonthYear),
        rows: &[
            "2: issue 1 | Jürgen Groß <j@example.de> | 0101 | 2026-12-01 | 2026-12-04",
            "4: issue 2 | Jane Doe | 102 | 2026-12-13 | 2026-12-14",
        ],
        unused: &["Bemerkung"],
    },
    Export {
        what: "a spreadsheet with hours",
        text: "sep=;\r\nGuest;Room;Check-in;Check-in time;Departure;Departure Time\r\nJane Doe;101;12/25/2026 12:00:00 AM;3:00 PM;12/28/2026;1100\r\n",
        order: None,
        rows: &["3: issue - | Jane Doe | 101 | 2026-12-25 15:00 | 2026-12-28 11:00"],
        unused: &[],
    },
];

#[test]
fn exports_are_read() {
    for export in EXPORTS {
        let options = Options {
            date_order: export.order,
            ..Options::default()
        };
        let read = read(export.text.as_bytes(), None, &options).unwrap();
        assert_eq!(problems(&read), Vec::<String>::new(), "{}", export.what);
        assert_eq!(rows(&read), export.rows, "{}", export.what);
        assert_eq!(read.unused, export.unused, "{}", export.what);
    }
}
