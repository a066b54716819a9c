-- A set of texts in the views of an entity.
CREATE FUNCTION casebridge_view.to_texts(canonical text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN canonical ~ '^\[("([^"\\\u0001-\u001f]|\\["\\bfnrt]|\\u00(0[1-9a-f]|1[0-9a-f]))*"(,(?=")|(?=\]$)))+\]$'
        THEN ARRAY(SELECT jsonb_array_elements_text(canonical::jsonb))
    END
$$;
