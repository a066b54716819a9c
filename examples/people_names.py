"""Names, places and phrases the sample population is made of. Data only.

The scripts are mixed on purpose: a bridge that is right for ASCII only is wrong for the people it serves.
"""

# script: (share in percent, family names, given names of women, given names of men)
NAMES = {
    "latin": (
        46,
        ["Müller", "Schäfer", "Weiß", "Groß", "Łukasiewicz", "Wójcik", "Šimůnek", "Dvořák", "Çelik", "Yıldırım", "Öztürk",
         "Núñez", "García", "Gonçalves", "Lefèvre", "François", "Ångström", "Sørensen", "Bjørnstad", "Ștefănescu",
         "Kovačević", "Đorđević", "Szőke", "Õunapuu", "Kļaviņš", "O'Neill", "van der Berg", "Nguessan", "Brown", "Schmidt"],
        ["Zoë", "Chloé", "Käthe", "Małgorzata", "Željka", "Büşra", "Inês", "Åsa", "Ìfẹ́", "Réka", "Anna-Lena", "Mária",
         "Ioană", "Siân", "Marie", "Fatoumata"],
        ["Jörg", "Łukasz", "Jiří", "Özgür", "José María", "João", "Søren", "Håkon", "Ștefan", "Đuro", "Győző", "Mārtiņš",
         "Hans-Peter", "Seán", "Paul", "Kwame"],
    ),
    "cyrillic": (
        12,
        ["Шевченко", "Коваленко", "Бондаренко", "Їжакевич", "Петров", "Ёлкин", "Щербаков", "Јовановић", "Ђокић", "Георгиев"],
        ["Олена", "Наталія", "Світлана", "Ольга", "Алёна", "Јелена", "Цветелина", "Юлія"],
        ["Тарас", "Євген", "Дмитро", "Алексей", "Фёдор", "Љубомир", "Огнян", "Андрій"],
    ),
    "arabic": (
        11,
        ["الحسن", "محمود", "عبد الله", "الخطيب", "حداد", "الأحمد", "رحمانی", "کریمی", "نجفی", "المصري"],
        ["فاطمة", "مريم", "نور", "آمنة", "زهرا", "هدى", "سارة", "ليلى"],
        ["محمد", "أحمد", "يوسف", "خالد", "رضا", "عمر", "إبراهيم", "حسین"],
    ),
    "han": (
        7,
        ["王", "李", "張", "刘", "陈", "歐陽", "司马", "𠮷田", "佐藤", "鈴木"],
        ["芳", "秀英", "丽娜", "静怡", "美咲", "雪梅", "欣怡", "陽菜"],
        ["伟", "建国", "志强", "浩然", "大輔", "子轩", "蓮", "国栋"],
    ),
    "greek": (
        6,
        ["Παπαδόπουλος", "Γεωργίου", "Οικονόμου", "Νικολαΐδης", "Αγγελόπουλος", "Χατζής", "Δημητρίου", "Ιωάννου"],
        ["Ελένη", "Μαρία", "Αικατερίνη", "Σοφία", "Ευαγγελία", "Ζωή"],
        ["Γιώργος", "Ιωάννης", "Δημήτρης", "Νίκος", "Σπύρος", "Θεόδωρος"],
    ),
    "vietnamese": (
        6,
        ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô"],
        ["Thị Hồng", "Thị Mỹ Hạnh", "Ngọc Ánh", "Thu Thủy", "Bích Phượng", "Kim Liên"],
        ["Văn Đức", "Quốc Tuấn", "Hữu Phước", "Minh Trí", "Thanh Bình", "Đình Khôi"],
    ),
    "devanagari": (
        5,
        ["शर्मा", "वर्मा", "सिंह", "पाटील", "कुलकर्णी", "श्रेष्ठ", "थापा", "मिश्र"],
        ["अनीता", "लक्ष्मी", "सुनीता", "प्रिया", "गीता", "कृष्णा"],
        ["राजेश", "विजय", "संतोष", "अर्जुन", "हरि", "दीपक"],
    ),
    "other": (
        7,
        ["כהן", "לוי", "გელაშვილი", "ბერიძე", "Հարությունյան", "Սարգսյան", "김", "박", "ተስፋዬ", "ሀይሌ", "ศรีสุข", "குமார்", "হোসেন"],
        ["שרה", "ნინო", "Անի", "지민", "ሰላም", "สมใจ", "கவிதா", "সালমা"],
        ["דוד", "გიორგი", "Արամ", "민준", "አበበ", "สมชาย", "முருகன்", "করিম"],
    ),
}

STREETS = ["Lindenstraße", "Rue de l'Église", "Calle Año Nuevo", "Großer Hirschgraben", "Øvre Slottsgate", "ul. Świętokrzyska",
           "Bahnhofstraße", "Am Mühlbach", "Atatürk Caddesi", "Na Příkopě", "Hafenweg", "Schulgasse"]
CITIES = [("Köln", "50667"), ("Düsseldorf", "40213"), ("Görlitz", "02826"), ("Münster", "48143"), ("Würzburg", "97070"),
          ("Gießen", "35390"), ("Łódź", "90-001"), ("Lübeck", "23552"), ("Saarbrücken", "66111"), ("Zürich", "8001")]

WORKERS = ["a.keller", "b.özdemir", "c.novák", "d.weiß", "e.lund", "f.moreau", "g.papadaki", "h.tran"]
OFFICES = ["North", "South", "HQ", "Harbour"]
EMPLOYERS = ["Bäckerei Süß", "Stadtwerke", "Gebr. Ångström GmbH", "Nordlogistik", "Klinikum", "Café Ömür", "Landhandel"]
JOBS = ["baker", "warehouse clerk", "care assistant", "électricien", "cook", "cleaner", "driver", "office clerk"]
GOALS = ["regular work of 30 hours a week", "B2 Deutschprüfung bestehen", "forklift licence", "Schulden geordnet",
         "a place in day care for the children", "finish the apprenticeship as électricien", "stable housing",
         "return to work after illness"]
STEPS = ["send five applications", "Termin bei der Schuldnerberatung", "register for the language course", "medical check",
         "CV durchsehen", "visit the job fair", "apply for day care", "proof of residence"]
