"""What addresses an assistant in other languages than English; see ``rag/planted_patterns.py``."""

from __future__ import annotations

from rag.visible import folded


def _folded(words: str) -> str:
    """As text is read in which letters that look Latin are."""
    return folded(words)[0].lower()


GROUPS = (
    (  # German
        "ignorier|vergiss|vergessen|missacht|verwirf|system|antwort|"
        "schreib|sage|muss|soll|du bist|zusammenfassung|ausgabe",
        r"""
    \b(?:ignorier(?:e|en\ sie)|vergiss|vergessen\ sie|missachten?(?:\ sie)?|verwirf)\W+
        (?:\w+\W+){0,4}?(?:anweisung|instruktion|regeln|vorgaben|obige|vorherige|bisherige
        |vorangegangene|systemprompt)\w*
    | \b(?:vergiss|ignorier(?:e|en\ sie)|vergessen\ sie)\W+(?:bitte\W+)?(?:alles
        |was)\W+(?:\w+\W+){0,4}?
        (?:vorher|bisher|oben|zuvor|davor)\w*
    | \bals\ (?:ki|assistent|sprachmodell|chatbot|ki-\w+)\W+(?:\w+\W+)?(?:sollst|musst|solltest
        |mussen|sollen|darfst)\b
    | \b(?:system-?prompt|systemnachricht|systemanweisung\w*)\b
    | \b(?:antworte(?:n\ sie)?|antworten?|schreiben?(?:\ sie)?|sagen?(?:\ sie)?)\W+
        (?:\w+\W+){0,3}?(?:nur|immer|stets|ausschlie(?:ss|ß)lich)\W+(?:\w+\W+)?(?:mit|auf\ jede)\b
    | \bantworte(?:n\ sie)?\W+(?:immer\W+|stets\W+|nur\W+)?(?:auf\ (?:jede|alle)|mit)\b
    | \b(?:alle|jeder|jede|der|die|das)\ (?:ki|sprachmodell|chatbot|ki-\w+)s?\W+(?:\w+\W+){0,6}?
        (?:muss|mussen|soll|sollen|antworte)\b
    | \bdu\ bist\ (?:jetzt|nun|ab\ jetzt|ein(?:e)?\ (?:ki|assistent|sprachmodell|chatbot))\b
    | \b(?:deine|ihre)\ (?:antwort|ausgabe|zusammenfassung)\ (?:muss|soll)\b
    """,
    ),
    (  # French
        "ignore|oublie|compte|systeme|repond|tu es|reponse|tant qu",
        r"""
    \b(?:ignore[zr]?|oublie[zr]?|ne\ ten(?:ez|ons|ir)\ pas\ compte\ de)\W+(?:\w+\W+){0,4}?
        (?:instructions?|consignes?|directives?|regles?)\W+(?:\w+\W+){0,2}?(?:precedent|ci-dessus
        |anterieur|du\ systeme|qui\ precede|recues)\w*
    | \b(?:ignore[zr]?|oublie[zr]?)\W+(?:tout\ )?(?:ce\ qui\ precede
        |tes\ (?:instructions|consignes))
    | \ben\ tant\ qu['’](?:assistant|ia|intelligence\ artificielle)\b,?\W*(?:tu|vous)\ (?:\w+\ )?
        (?:dois|devez|devrez|devras)\b
    | \b(?:invite|prompt|message)\ (?:du\ )?systeme\b
    | \b(?:reponds|repondez)\W+(?:\w+\W+){0,2}?(?:uniquement|toujours|seulement|exclusivement
        |par\b|a\ (?:toute|chaque|toutes))
    | \btu\ es\ (?:maintenant|desormais)\b | \b(?:votre|ta)\ reponse\ doit\b
    """,
    ),
    (  # Spanish, Portuguese, Italian
        "ignor|olvid|descart|desconsidere|sistema|respond|contest|rispond|partir|como ",
        r"""
    \b(?:ignor(?:a|e|ad|en)|olvid(?:a|e|ad)|descart(?:a|e)|desconsidere)\W+(?:\w+\W+){0,4}?
        (?:instruccion|indicacion|instruco|istruzion|regla|orden)\w*\W+(?:\w+\W+){0,2}?
        (?:anterior|previ|recibid|preceden|acima|de\ arriba|del\ sistema)\w*
    | \b(?:ignor(?:a|e)|olvid(?:a|e))\W+(?:todo\ )?lo\ anterior\b
    | \bcomo\ (?:asistente|ia|modelo\ de\ lenguaje|inteligencia\ artificial),?\ (?:debes|tienes|debe
        |responde|di)\b
    | \b(?:prompt|mensaje|instrucciones)\ del\ sistema\b
    | \b(?:responde|responda|contesta|conteste|rispondi|responda)\W+(?:\w+\W+){0,2}?(?:solo
        |siempre|unicamente|sempre|solamente|soltanto|apenas|a\ (?:todas|cada|cualquier))\b
    | \ba\ partir\ de\ (?:ahora|agora|maintenant),?\ (?:eres|responde|responda|di|debes|tu|vous
        |reponds|repondez|voce)\b
    """,
    ),
    (  # Chinese, Japanese, Korean
        "忽略|无视|忘记|無視|忘れ|무시",
        r"""
    (?:忽略|无视|忘记)(?:掉)?(?:以上|上述|之前|前面|所有)\S{0,6}?(?:指令|指示|内容|提示|规则)
    | (?:以前|上記|これまで|前)の?\S{0,8}?(?:指示|命令|ルール)\S{0,8}?(?:無視|忘れ)
    | (?:이전|위의|위)\S{0,4}\s?(?:모든\s?)?(?:지시|명령|지침)\S{0,4}\s?(?:모두\s?)?무시
    """,
    ),
    (  # Russian
        _folded("игнорир|забуд"),
        rf"""
    (?:{_folded("игнорируй|проигнорируй|забудь|игнорируйте|забудьте")})\W+(?:\w+\W+){{0,4}}?
        (?:{_folded("инструкци|указани|правила|команд|сообщени")})
    """,
    ),
)
"""Words of which every match holds one, and the pattern."""
